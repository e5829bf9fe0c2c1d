import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Teardown } from '@drover/testing';
import test from 'ava';
import { documents, drover, testFolder } from './drover.js';
import { runHere } from './run-here.js';

/** A server that answers as an API would; `asked` has what came. */
async function server(t: Teardown, listener: RequestListener): Promise<string> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => http.close(() => resolve())));
  t.teardown(() => http.closeAllConnections());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

test('contexts are set, shown, used and removed; the file is for its owner alone', async (t) => {
  const home = await testFolder(t);
  const env = { XDG_CONFIG_HOME: home };
  const run = (...args: string[]) => runHere(['context', ...args], env);
  t.regex((await run('ls')).stdout, /no contexts in .*contexts\.json/);
  t.is((await run('current')).code, 1);
  t.is(
    (await run('set', 'prod', '--api', 'https://drover.internal:7373', '--token-file', join(home, 'prod.token')))
      .stdout,
    'context prod created, and current\n',
  );
  t.is((await run('set', 'dev', '--zk', '127.0.0.1:2181')).stdout, 'context dev created\n');
  t.is((await run('current')).stdout, 'prod\n');
  t.is((await run('set', 'prod', '--confirm', 'type-name', '--colour', 'red')).stdout, 'context prod changed\n');
  t.deepEqual(documents((await run('show', 'prod', '--json')).stdout), [
    {
      name: 'prod',
      current: true,
      api: 'https://drover.internal:7373',
      tokenFile: join(home, 'prod.token'),
      confirm: 'type-name',
      colour: 'red',
    },
  ]);
  t.is((await run('set', 'prod', '--clear', 'colour')).code, 0);
  t.false((await run('show', 'prod')).stdout.includes('colour'));
  t.is((await run('use', 'dev')).code, 0);
  t.regex((await run('ls')).stdout, /^\* +dev +- +127\.0\.0\.1:2181/m);
  t.is((await stat(join(home, 'drover', 'contexts.json'))).mode & 0o777, 0o600);
  const effective = documents(
    (
      await runHere(['context', 'show', '--effective', '--json', '--context', 'prod', '--zk', 'a:1'], {
        ...env,
        DROVER_VIA: 'zk',
      })
    ).stdout,
  );
  t.like(
    effective.find(({ name }) => name === 'api'),
    { source: 'context prod: api' },
  );
  t.like(
    effective.find(({ name }) => name === 'zk'),
    { value: 'a:1', source: '--zk' },
  );
  t.like(
    effective.find(({ name }) => name === 'via'),
    { source: 'DROVER_VIA' },
  );
  t.is((await run('rm', 'dev')).stdout, 'context dev removed; no context is current now\n');
  t.deepEqual(
    Object.keys(
      (JSON.parse(await readFile(join(home, 'drover', 'contexts.json'), 'utf8')) as { contexts: object }).contexts,
    ),
    ['prod'],
  );
});

test('wrong contexts are refused, and nothing is written', async (t) => {
  const home = await testFolder(t);
  const env = { XDG_CONFIG_HOME: home };
  const cases: [string[], RegExp][] = [
    [['context', 'set', 'prod'], /nothing to change/],
    [['context', 'set', 'prod', '--confirm', 'type-name'], /needs --api URL or --zk/],
    [['context', 'set', 'prod', '--api', 'nonsense'], /api: expected a URL such as https/],
    [['context', 'set', 'a b', '--zk', 'a:1'], /name: expected/],
    [['context', 'set', 'prod', '--zk', 'a:1', '--clear', 'nonsense'], /--clear: unknown setting/],
    [['context', 'use', 'prod'], /no context named 'prod'/],
    [['context', 'rm', 'prod'], /no context named 'prod'/],
    [['status', '--context', 'prod'], /--context: no context named 'prod'/],
    [['context'], /missing command/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runHere(args, env);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
  await t.throwsAsync(() => stat(join(home, 'drover', 'contexts.json')), { code: 'ENOENT' });
});

test('a context with an API is asked by HTTP with its token; errors say their code', async (t) => {
  const home = await testFolder(t);
  const seen: (string | undefined)[] = [];
  const url = await server(t, (request, response) => {
    seen.push(request.headers.authorization);
    if (request.url?.startsWith('/v1/workers') === true)
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"items":[{"id":"w1-1","name":"w1","out":0}],"next":null,"revision":null,"complete":true}');
    else if (request.url?.startsWith('/v1/status') === true) response.writeHead(302, { location: 'http://sso/' }).end();
    else if (request.url?.startsWith('/v1/queues') === true)
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else
      response
        .writeHead(403, { 'content-type': 'application/problem+json' })
        .end(
          '{"type":"urn:drover:error:forbidden","title":"no","status":403,"code":"forbidden","detail":"this needs the role operator"}',
        );
  });
  const token = join(home, 'token');
  await writeFile(token, 'drv_a_secret\n', { mode: 0o600 });
  const env = { XDG_CONFIG_HOME: home };
  t.is((await runHere(['context', 'set', 'prod', '--api', url, '--token-file', token], env)).code, 0);
  const workers = await runHere(['workers', '--fields', 'name,via'], env);
  t.is(workers.stdout, '{"name":"w1","via":"api"}\n', workers.stderr);
  t.is((await runHere(['workers', '--quiet'], env)).stdout, 'w1-1\n');
  t.is(seen[0], 'Bearer drv_a_secret');
  const refused = await runHere(['cancel', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0'], env);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /^drover: this needs the role operator \[forbidden\]; /);
  for (const [command, message] of [
    ['status', /answered 302: go to http:\/\/sso\//],
    ['queue', /as Drover's API does not; check the URL/],
  ] as const) {
    const strange = await runHere([command], env);
    t.is(strange.code, 3);
    t.regex(strange.stderr, message);
  }
  const nobody = await runHere(['workers', '--api', 'http://127.0.0.1:1'], env);
  t.is(nobody.code, 3);
  t.regex(nobody.stderr, /cannot reach the API at http:\/\/127\.0\.0\.1:1: nothing listens there/);
  const set = await runHere(['task', 'set', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', '--now'], env);
  t.is(set.code, 1);
  t.regex(set.stderr, /^drover: this needs the role operator \[forbidden\]; /);
});

test('a context that wants its name is not confirmed by --yes alone', async (t) => {
  const home = await testFolder(t);
  const env = { XDG_CONFIG_HOME: home };
  const preview =
    '{"token":"t","action":"retry","filter":"state:failed","count":3,"exact":true,"samples":["01K.0"],"byQueue":{"mail":3},"byType":{"send":3},"asOf":1,"expiresAt":2}';
  const operation =
    '{"id":"o1","action":"retry","filter":"state:failed","state":"done","of":3,"done":2,"skipped":1,"failed":0,"refused":[],"cursor":null,"by":"ada","reason":"r","startedAt":1,"endedAt":2,"error":null}';
  const bodies: string[] = [];
  const url = await server(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(request.url === '/v1/bulk/preview' ? preview : operation);
    });
  });
  await runHere(['context', 'set', 'prod', '--api', url, '--confirm', 'type-name'], env);
  const retry = ['retry', 'state:failed', '--reason', 'r', '--rate', '100'];
  const unnamed = await runHere([...retry, '--yes'], env);
  t.is(unnamed.code, 2);
  t.regex(unnamed.stderr, /context 'prod' wants its name: 3 tasks would be retried; nothing was done/);
  const named = await runHere([...retry, '--yes', '--context', 'prod'], env);
  t.is(named.code, 0, named.stderr);
  t.is(named.stdout, '2 of 3 tasks retried, 1 had changed meanwhile\n');
  t.regex(named.stderr, /3 tasks in queue mail \(send 3\)/);
  t.deepEqual(JSON.parse(bodies.at(-1) ?? ''), { token: 't', reason: 'r', rate: 100 });
  const dry = await runHere(['retry', 'state:failed', '--dry-run'], env);
  t.is(dry.code, 0);
  t.regex(dry.stderr, /nothing was retried/);
  t.regex((await runHere(['retry', 'state:failed', '--yes'], env)).stderr, /--reason is missing/);
});

test.serial('a probe asks by HTTP, and loads nothing else; completion is silent where nobody answers', async (t) => {
  const url = await server(t, (request, response) => {
    response.writeHead(request.url === '/readyz' ? 200 : 503).end(request.url === '/readyz' ? 'ok' : 'stopping');
  });
  const home = await testFolder(t);
  const env = { XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
  t.deepEqual(await drover(['health', '--url', url], { env }), { code: 0, stdout: 'ok\n', stderr: '' });
  t.is((await drover(['health'], { env: { ...env, DROVER_OPS_LISTEN: url.slice('http://'.length) } })).code, 0);
  t.like(await drover(['health', '--url', `${url}/livez`], { env }), {
    code: 1,
    stderr: `drover: ${url}/livez: 503 stopping\n`,
  });
  t.is((await drover(['health', '--url', 'nonsense'], { env })).code, 2);
  t.deepEqual(await drover(['completion', '--line', 'ca'], { env }), {
    code: 0,
    stdout: 'cancel\ncalendar\ncapacity\n',
    stderr: '',
  });
  t.deepEqual(await drover(['completion', '--line', '', 'pause'], { env: { ...env, DROVER_API: url } }), {
    code: 0,
    stdout: '',
    stderr: '',
  });
  t.regex((await drover(['completion', 'bash'], { env })).stdout, /complete -o default -F _drover drover/);
});

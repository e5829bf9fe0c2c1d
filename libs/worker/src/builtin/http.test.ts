import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemRuntime } from '@drover/runtime';
import test, { type ExecutionContext } from 'ava';
import { endOfThrown } from '../execution/failure.js';
import { http, retryAfterMs } from './http.js';

const contextOf = (signal: AbortSignal = new AbortController().signal) => ({
  ...{ task: 'T.0', attempt: 1, fencingToken: 1n, signal, runtime: systemRuntime },
});

/** `/404` answers 404, `/echo` what was sent, `/hang` never, `/long` a lot. */
async function testServer(t: ExecutionContext): Promise<string> {
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const path = request.url ?? '';
      if (path === '/hang') return;
      if (path === '/echo') {
        const { method, headers } = request;
        response.end(JSON.stringify({ method, type: headers['content-type'], own: headers['x-own'], body }));
      } else if (path === '/long') response.end(`${'x'.repeat(100_000)}end`);
      else response.writeHead(Number(path.slice(1)), { 'retry-after': '7' }).end('the reason');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

test('method, headers and body go out; status, headers and body come back', async (t) => {
  const url = `${await testServer(t)}/echo`;
  const sent = { url, method: 'POST', headers: { 'x-own': 'yes' }, body: { a: 1 } };
  const result = (await http.run(sent, contextOf())) as { status: number; body: string };
  t.is(result.status, 200);
  t.deepEqual(JSON.parse(result.body), { method: 'POST', type: 'application/json', own: 'yes', body: '{"a":1}' });
});

test('only the end of a long body is kept', async (t) => {
  const { body } = (await http.run({ url: `${await testServer(t)}/long` }, contextOf())) as { body: string };
  t.is(body.length, 16 * 1024);
  t.true(body.endsWith('xend'));
});

test('what passes by itself is retried when the server says, what was refused is not', async (t) => {
  const base = await testServer(t);
  for (const [status, outcome] of [
    [400, 'rejected'],
    [404, 'rejected'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ] as const) {
    // prettier-ignore
    const error = await t.throwsAsync(http.run({ url: `${base}/${status}` }, contextOf()));
    const end = endOfThrown(error);
    t.is(end.outcome, outcome);
    if (end.outcome === 'failed') t.is(end.retryAfterMs, 7_000);
    t.regex(error.message, new RegExp(`^${status} .*: the reason$`));
  }
});

test('a connection that fails is retried, and says why', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const error = await t.throwsAsync(http.run({ url: `http://127.0.0.1:${port}/` }, contextOf()));
  t.is(endOfThrown(error).outcome, 'failed');
  t.regex(error.message, /^GET http:\/\/127.*: .*ECONNREFUSED/);
});

test('an abort ends the request', async (t) => {
  const controller = new AbortController();
  const running = http.run({ url: `${await testServer(t)}/hang` }, contextOf(controller.signal));
  const reason = new Error('told to end');
  controller.abort(reason);
  t.is(await t.throwsAsync(running), reason);
});

test('payloads are checked', async (t) => {
  const bad = [null, {}, { url: 'nowhere' }, { url: 'file:///etc/passwd' }, { url: 'http://a/', method: 'A B' }, { url: 'http://a/', retries: 3 }]; // prettier-ignore
  for (const payload of bad)
    await t.throwsAsync(http.run(payload, contextOf()), { name: 'RejectTaskError', message: /^http: / });
});

test('Retry-After is seconds or a date', (t) => {
  t.is(retryAfterMs('3', 0), 3_000);
  t.is(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4_000), 6_000);
  t.is(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 40_000), 0);
  t.is(retryAfterMs('soon', 0), undefined);
  t.is(retryAfterMs(null, 0), undefined);
});

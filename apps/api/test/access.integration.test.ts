import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemas } from '@drover/api';
import { hashToken } from '@drover/protocol';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { CLIENT_ID, CLIENT_SECRET, startProvider, TestBrowser } from './oidc-provider.js';
import { ask, auditOf, client, freePort, startReplica, until } from './replica.js';

test('a token counts at every replica within a moment, for what it allows, and for its queues', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const drover = await client(t, zk);
  const admin = await drover.tokens.create({ name: 'ada', roles: ['admin'] });
  const [one, two] = await Promise.all(['s1', 's2'].map((id) => startReplica(t, zk, id, { apiAuth: 'token' })));
  const about = schemas.about.parse((await one!.ask('GET', '/v1', { as: admin.secret })).body);
  t.like(about, { auth: ['token'], caller: { name: 'ada', auth: 'token', roles: ['admin'] } });
  t.true(about.permissions.includes('administer'));

  const made = await one!.ask('POST', '/v1/tokens', {
    ...{ as: admin.secret, body: { name: 'viewer', roles: ['viewer'], queues: ['a*'], expiresIn: '1d' } },
  });
  t.is(made.status, 201);
  const { id, secret } = schemas.newToken.parse(made.body);
  const seen = await until(
    () => two!.ask('GET', '/v1', { as: secret }),
    ({ status }) => status === 200,
  );
  t.deepEqual(seen.body.permissions, ['see']);

  // A task of another queue is not there; payloads are left out; nothing can be changed.
  const inside = await drover.submit('t', { n: 1 }, { queue: 'abc' });
  const outside = await drover.submit('t', { n: 1 }, { queue: 'b' });
  const asViewer = (path: string, method = 'GET', body?: unknown) =>
    one!.ask(method, path, { as: secret, ...(body === undefined ? {} : { body }) });
  const shown = await asViewer(`/v1/tasks/${inside.id}?payload=1`);
  t.is(shown.status, 200);
  t.is(shown.body.payload, undefined);
  t.like(await asViewer(`/v1/tasks/${outside.id}`), { status: 404, body: { code: 'task-not-found' } });
  t.like(await asViewer(`/v1/tasks/${inside.id}/result`), {
    status: 403,
    body: { code: 'forbidden', needs: 'see-payloads' },
  });
  t.like(await asViewer(`/v1/tasks/${inside.id}/retry`, 'POST', {}), { status: 403, body: { needs: 'operate' } });
  t.like(await asViewer('/v1/tokens'), { status: 403, body: { needs: 'administer' } });
  const payload = await one!.ask('GET', `/v1/tasks/${outside.id}?payload=1`, { as: admin.secret });
  t.deepEqual(payload.body.payload, { n: 1 });
  t.like(await auditOf(one!, ({ action }) => action === 'seePayload'), { who: 'ada', object: outside.id, ok: true });
  t.like(await auditOf(one!, ({ action }) => action === 'retryTask'), { who: 'viewer', ok: false, code: 'forbidden' });

  // The entries of both replicas, the newest first.
  await two!.ask('GET', '/v1/tokens', { as: secret });
  const list = await one!.ask('GET', '/v1/audit?who=viewer&limit=2', { as: admin.secret });
  t.is(list.body.items?.length, 2);
  for (const entry of list.body.items ?? []) t.notThrows(() => schemas.auditEntry.parse(entry));

  // Streams that came with it end too.
  const stream = await fetch(`${one!.url}/v1/events`, {
    headers: { authorization: `Bearer ${secret}`, accept: 'application/x-ndjson' },
  });
  t.is((await two!.ask('DELETE', `/v1/tokens/${id}`, { as: admin.secret })).status, 204);
  const last = (await stream.text()).trimEnd().split('\n').at(-1) ?? '';
  t.like(JSON.parse(last), { event: 'bye', data: { reason: 'revoked' } });
  for (const replica of [one!, two!])
    t.like(
      await until(
        () => replica.ask('GET', '/v1', { as: secret }),
        ({ status }) => status !== 200,
      ),
      {
        ...{ status: 401, body: { code: 'unauthenticated' } },
      },
    );
  t.like(await one!.ask('DELETE', `/v1/tokens/${id}`, { as: admin.secret }), {
    status: 404,
    body: { code: 'token-not-found' },
  });
});

test('a browser exchanges a token for a cookie, which every replica takes, and no other site can use', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const drover = await client(t, zk);
  const { id, secret } = await drover.tokens.create({ name: 'ada', roles: ['operator'] });
  const [one, two] = await Promise.all(['s1', 's2'].map((each) => startReplica(t, zk, each, { apiAuth: 'token' })));
  t.like(await one!.ask('GET', '/v1'), { status: 200, body: { caller: null, permissions: [] } });
  t.like(await one!.ask('GET', '/v1/queues'), { status: 401, body: { code: 'unauthenticated' } });
  const signIn = (body: unknown, headers: Record<string, string> = {}) =>
    one!.ask('POST', '/v1/session', { body, headers });
  t.like(await signIn({ token: secret }, { 'sec-fetch-site': 'cross-site' }), {
    status: 403,
    body: { code: 'cross-site' },
  });

  const signed = await signIn({ token: secret }, { 'sec-fetch-site': 'same-origin' });
  t.like(signed, { status: 200, body: { caller: { name: 'ada' } } });
  const [set = ''] = signed.headers.getSetCookie();
  t.regex(set, /^drover=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const cookie = set.split(';')[0]!;
  t.like(await two!.ask('GET', '/v1', { headers: { cookie } }), {
    body: { caller: { name: 'ada', roles: ['operator'] } },
  });

  const change = (headers: Record<string, string>) =>
    two!.ask('POST', '/v1/tasks', { body: { type: 't' }, headers: { cookie, ...headers } });
  const own = new URL(two!.url);
  for (const headers of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
  ])
    t.like(
      await change(headers as Record<string, string>),
      { status: 403, body: { code: 'cross-site' } },
      JSON.stringify(headers),
    );
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: own.origin }])
    t.is((await change(headers as Record<string, string>)).status, 201, JSON.stringify(headers));

  await drover.tokens.revoke(id);
  const gone = await until(
    () => two!.ask('GET', '/v1', { headers: { cookie } }),
    ({ body }) => body.caller === null,
  );
  t.is(gone.status, 200);
});

test('five failed sign-ins a minute, each written down once', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  await client(t, zk);
  const replica = await startReplica(t, zk, 's1', { apiAuth: 'token' });
  const wrong = `drv_aaaaaaaaaa_${'A'.repeat(43)}`;
  await until(
    () => replica.ask('GET', '/v1', { as: wrong }),
    ({ status }) => status === 401,
  );
  const answers = [];
  for (let i = 0; i < 7; i++)
    answers.push((await replica.ask('POST', '/v1/session', { body: { token: wrong } })).status);
  t.deepEqual(answers, [401, 401, 401, 401, 401, 429, 429]);
  const failed = replica.log.all.filter(({ event, action }) => event === 'audit' && action === 'signIn');
  t.is(failed.length, 5);
  t.like(failed[0], { who: 'nobody', ok: false, code: 'unauthenticated' });
});

test('names that are none of this server are refused: pages cannot rebind a name of theirs', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  await client(t, zk);
  const replica = await startReplica(t, zk, 's1', { apiHosts: 'drover.test' });
  const { port } = new URL(replica.url);
  const { request } = await import('node:http');
  const statusOf = (host: string, path = '/v1'): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  for (const host of ['evil.example', `evil.example:${port}`, '10.1.1.1']) t.is(await statusOf(host), 421, host);
  for (const path of ['/ui/', '/', '/nothing']) t.is(await statusOf('evil.example', path), 421, path);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'drover.test'])
    t.is(await statusOf(host), 200, host);
  // Nobody signs in here, and still a page of another site changes nothing.
  t.like(await replica.ask('POST', '/v1/queues/a/pause', { body: {}, headers: { origin: 'http://evil.example' } }), {
    ...{ status: 403, body: { code: 'cross-site' } },
  });
  const { headers } = await replica.ask('GET', '/v1');
  t.regex(headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self'/);
  for (const name of ['x-content-type-options', 'referrer-policy', 'cross-origin-opener-policy'])
    t.truthy(headers.get(name), name);
});

test('tokens of a file are taken, and the file is read again; actions are switched off', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  await client(t, zk);
  const file = join(await mkdtemp(join(tmpdir(), 'drover-tokens-')), 'tokens.json');
  const secret = `drv_0123456789_${'x'.repeat(43)}`;
  const entry = { id: '0123456789', sha256: hashToken(secret), name: 'ci', role: 'admin' };
  const write = (content: string) => writeFile(file, content, { mode: 0o600 });
  await write(JSON.stringify([entry]));
  const replica = await startReplica(t, zk, 's1', {
    apiAuth: 'token',
    apiTokensFile: file,
    apiDisable: 'tokens,znode',
  });
  t.is((await replica.ask('GET', '/v1', { as: secret })).body.caller?.name, 'ci');
  t.like(await replica.ask('GET', '/v1/tokens', { as: secret }), {
    status: 403,
    body: { code: 'disabled', action: 'tokens' },
  });
  await write('[{');
  await replica.log.first(({ event }) => event === 'api.file-refused');
  t.is((await replica.ask('GET', '/v1', { as: secret })).status, 200, 'the last good content stays in force');
  await write(JSON.stringify([{ ...entry, name: 'renamed' }]));
  await until(
    () => replica.ask('GET', '/v1', { as: secret }),
    ({ body }) => body.caller?.name === 'renamed',
  );
});

test('people sign in at the OpenID provider, programs by its tokens', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  // The first write makes the root.
  await (await client(t, zk)).tokens.create({ name: 'first', roles: ['admin'] });
  // The provider must know the address of the API, and the API that of the provider.
  const port = await freePort();
  const provider = await startProvider(t, [`http://127.0.0.1:${port}/v1/callback`]);
  const secretFile = join(await mkdtemp(join(tmpdir(), 'drover-oidc-')), 'secret');
  await writeFile(secretFile, CLIENT_SECRET, { mode: 0o600 });
  const replica = await startReplica(t, zk, 's1', {
    ...{
      apiListen: `127.0.0.1:${port}`,
      apiAuth: 'oidc',
      apiOidcIssuer: provider.issuer,
      apiOidcClientId: CLIENT_ID,
      apiOidcClientSecretFile: secretFile,
    },
    ...{ apiOidcScopes: 'openid,email,groups', apiOidcRoles: 'admins=admin,team-a=operator@a*,everyone=viewer' },
  });
  await until(
    () => replica.ask('GET', '/v1'),
    ({ status }) => status === 200,
  );

  const signedIn = async (name: string): Promise<{ browser: TestBrowser; at: string }> => {
    const browser = new TestBrowser();
    provider.signInAs(name);
    const { url } = await browser.follow(`${replica.url}/v1/login?to=/ui/%23/tasks`, (at) =>
      at.startsWith(`${replica.url}/ui/`),
    );
    return { browser, at: url };
  };
  const ada = await signedIn('ada');
  t.is(ada.at, `${replica.url}/ui/#/tasks`);
  const about = await ada.browser.json(`${replica.url}/v1`);
  t.like(about.caller, { name: 'ada@example.com', auth: 'oidc', roles: ['admin'], queues: null });
  t.like(await auditOf(replica, ({ action, ok }) => action === 'login' && ok), { who: 'ada@example.com', how: 'oidc' });

  const bob = await (await signedIn('bob')).browser.json(`${replica.url}/v1`);
  t.deepEqual(bob.caller, { name: 'bob@example.com', auth: 'oidc', roles: ['operator', 'viewer'], queues: ['a*'] });
  const eve = await signedIn('eve');
  t.is(eve.at, `${replica.url}/ui/?sign-in=no-roles`);
  t.is((await eve.browser.json(`${replica.url}/v1`)).caller, null);

  // The answer of the provider is good in the browser that began, once.
  const victim = new TestBrowser();
  provider.signInAs('ada');
  const attacker = new TestBrowser();
  const { url: answer } = await attacker.follow(`${replica.url}/v1/login`, (at) => at.includes('/v1/callback?'));
  const stolen = await victim.get(answer);
  t.is(stolen.headers.get('location'), '/ui/?sign-in=expired');
  t.is(victim.cookie(replica.url, 'drover'), undefined);

  // Signing out takes the cookie away.
  const out = await ada.browser.fetch(`${replica.url}/v1/session`, {
    method: 'DELETE',
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  t.is(out.status, 204);
  t.is(ada.browser.cookie(replica.url, 'drover'), undefined);

  const asProgram = async (claims: Parameters<typeof provider.token>[0]) =>
    ask(replica.url, 'GET', '/v1/queues', { as: await provider.token(claims) });
  t.is((await asProgram({ groups: ['admins'] })).status, 200);
  t.is(
    (await asProgram({ groups: ['admins'], exp: Math.floor(Date.now() / 1_000) - 30 })).status,
    200,
    'a minute is forgiven',
  );
  const bad = [
    ...[
      { groups: ['admins'], aud: 'other' },
      { groups: ['admins'], iss: 'http://127.0.0.1:1' },
      { groups: ['Admins'] },
      {},
    ],
    ...[
      { groups: ['admins'], exp: 1 },
      { groups: ['admins'], nbf: Math.floor(Date.now() / 1_000) + 600 },
      { groups: ['admins'], alg: 'HS256' },
    ],
  ];
  for (const claims of bad)
    t.like(await asProgram(claims), { status: 401, body: { code: 'unauthenticated' } }, JSON.stringify(claims));
  const [head, body] = (await provider.token({ groups: ['everyone'] })).split('.');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
  const raised = `${head}.${Buffer.from(JSON.stringify({ iss: provider.issuer, aud: CLIENT_ID, sub: 'x', exp: 9e9, groups: ['admins'] })).toString('base64url')}.AAAA`;
  for (const token of [none, raised, 'a.b.c', 'x', `drv_aaaaaaaaaa_${'A'.repeat(43)}`])
    t.is((await ask(replica.url, 'GET', '/v1/queues', { as: token })).status, 401, token.slice(0, 40));
});

test('a proxy says who the user is, if it is the right one', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  await client(t, zk);
  const secret = join(await mkdtemp(join(tmpdir(), 'drover-proxy-')), 'secret');
  await writeFile(secret, 'the-secret-of-the-proxy', { mode: 0o600 });
  const flags = { apiAuth: 'proxy', apiProxySecretFile: secret, apiProxyRoles: 'ops=operator,ann=admin' };
  const replica = await startReplica(t, zk, 's1', { ...flags, apiProxyFrom: '127.0.0.1' });
  const strict = await startReplica(t, zk, 's2', { ...flags, apiProxyFrom: '10.0.0.0/8' });
  const headers = {
    'x-forwarded-user': 'joe',
    'x-forwarded-groups': 'dev,ops',
    'drover-proxy-secret': 'the-secret-of-the-proxy',
  };
  const caller = async (at: typeof replica, given: Record<string, string>) =>
    (await at.ask('GET', '/v1', { headers: given })).body.caller;
  t.like(await caller(replica, headers), { name: 'joe', auth: 'proxy', roles: ['operator'] });
  t.is(await caller(replica, { ...headers, 'drover-proxy-secret': 'guess' }), null);
  t.is(await caller(replica, { ...headers, 'x-forwarded-groups': 'dev' }), null);
  t.is(await caller(strict, headers), null);
  const { headers: answered } = await replica.ask('GET', '/v1/queues', {
    headers: { ...headers, 'x-forwarded-groups': '' },
  });
  t.truthy(answered.get('www-authenticate'));
});

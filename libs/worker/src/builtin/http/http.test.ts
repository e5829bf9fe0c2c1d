import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIMITS } from '@drover/core';
import { silentMetrics, type Metrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import test, { type ExecutionContext } from 'ava';
import { endOfThrown } from '../../execution/failure.js';
import { endOfReturned } from '../../execution/result-text.js';
import type { HttpPolicyOptions } from './address-policy.js';
import { Http } from './http.js';
import { retryAfterMs } from './retry-after.js';

const UNHEARD = { print: () => undefined, printSkipped: () => undefined };

const contextOf = (signal: AbortSignal = new AbortController().signal) => ({
  ...{ task: 'T.0', attempt: 1, fencingToken: 1n, signal, runtime: systemRuntime, alive: () => undefined, ...UNHEARD },
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const echo: Answer = ({ method, headers }, response, body) => {
  const { 'content-type': type, 'x-own': own, authorization, cookie } = headers;
  response.end(JSON.stringify({ method, type, own, authorization, cookie, body }));
};

/** A server on loopback, by path; `seen` are the paths that were asked for. */
async function testServer(t: ExecutionContext, answers: Record<string, Answer>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push(path);
    void textOf(request).then((body) => (answers[path] ?? echo)(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** One that reaches loopback, unless told otherwise. */
function httpOf(
  t: ExecutionContext,
  policy: HttpPolicyOptions = { allow: ['127.0.0.0/8:*'] },
  metrics?: Metrics,
): Http {
  const http = new Http(policy, metrics ?? silentMetrics);
  t.teardown(() => http.close());
  return http;
}

interface Result {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
  bodyEncoding?: string;
  bodyBytes?: number;
  truncated?: boolean;
  url?: string;
}
const get = async (http: Http, payload: object): Promise<Result> => (await http.run(payload, contextOf())) as Result;

/** How a request failed: what the leader is told, and what the submitter reads. */
async function failureOf(t: ExecutionContext, http: Http, payload: unknown) {
  const end = endOfThrown(await t.throwsAsync(http.run(payload, contextOf())));
  if (!('error' in end)) throw new Error(end.outcome);
  return { outcome: end.outcome, message: end.error.message, retryAfterMs: end.retryAfterMs, name: end.error.name };
}

const redirect =
  (to: string, status = 302): Answer =>
  (_, response) =>
    void response.writeHead(status, { location: to }).end();

test('method, headers and body go out; status, headers and body come back', async (t) => {
  const { url } = await testServer(t, {});
  const sent = { url, method: 'POST', headers: { 'x-own': 'yes' }, body: { a: 1 } };
  const result = await get(httpOf(t), sent);
  t.is(result.status, 200);
  t.deepEqual(JSON.parse(result.body), { method: 'POST', type: 'application/json', own: 'yes', body: '{"a":1}' });
  t.false('truncated' in result);
});

test('a body that fits a result is whole', async (t) => {
  const { url } = await testServer(t, { '/long': (_, response) => void response.end(`${'x'.repeat(200_000)}end`) });
  const { body, truncated } = await get(httpOf(t), { url: `${url}/long` });
  t.is(body.length, 200_003);
  t.is(truncated, undefined);
});

for (const [what, text, bytes] of [
  ['of 300,000 bytes', 'x'.repeat(300_000), 300_000],
  ['beyond what is read', 'x'.repeat(3_000_000), 1_048_576],
  ['that JSON makes longer', '\u0001é€😀"'.repeat(30_000), 330_000],
] as const) {
  test(`a body ${what} is cut, says so, and is a result`, async (t) => {
    const { url } = await testServer(t, { '/': (_, response) => void response.end(text) });
    const result = await get(httpOf(t), { url });
    t.like(result, { status: 200, truncated: true, bodyBytes: bytes });
    t.true(text.startsWith(result.body));
    t.is(endOfReturned(result).outcome, 'succeeded');
    t.true(JSON.stringify(result).length > LIMITS.resultBytes / 3);
  });
}

test('a body in another character set, and one that is no text', async (t) => {
  const bytes = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  const { url } = await testServer(t, {
    '/latin1': (_, response) => void response.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(bytes),
    '/binary': (_, response) => void response.end(bytes),
  });
  t.is((await get(httpOf(t), { url: `${url}/latin1` })).body, 'café');
  t.like(await get(httpOf(t), { url: `${url}/binary` }), { body: bytes.toString('base64'), bodyEncoding: 'base64' });
});

test('what passes by itself is retried when the server says, what was refused is not', async (t) => {
  const status: Answer = ({ url }, response) =>
    void response.writeHead(Number(url?.slice(1)), { 'retry-after': '7' }).end('the reason');
  const all = [
    [400, 'rejected'],
    [404, 'rejected'],
    [304, 'rejected'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ] as const;
  const { url } = await testServer(t, Object.fromEntries(all.map(([code]) => [`/${code}`, status])));
  for (const [code, outcome] of all) {
    const failure = await failureOf(t, httpOf(t), { url: `${url}/${code}` });
    t.is(failure.outcome, outcome);
    if (outcome === 'failed') t.is(failure.retryAfterMs, 7_000);
    if (code !== 304) t.regex(failure.message, new RegExp(`^${code} .*: the reason$`));
    const held = endOfThrown(await t.throwsAsync(httpOf(t).run({ url: `${url}/${code}`, limit: 'x/y' }, contextOf())));
    if (code === 429 || code === 503) t.like(held, { outcome: 'later', retryAfterMs: 7_000, holds: 'x/y' });
    else t.is(held.outcome, outcome, 'a limit is held only where the server says when to come again');
  }
  await t.throwsAsync(httpOf(t).run({ url, limit: 'a b' }, contextOf()), {
    message: /^http: payload\.limit: expected/,
  });
});

test('Retry-After is seconds or a date, from a second to a day', (t) => {
  const day = 86_400_000;
  t.is(retryAfterMs('3', 0), 3_000);
  t.is(retryAfterMs('0', 0), 1_000);
  t.is(retryAfterMs('99999999999999999999', 0), day);
  t.is(retryAfterMs('9'.repeat(400), 0), day);
  t.is(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4_000), 6_000);
  t.is(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 40_000), 1_000);
  t.is(retryAfterMs('Thu, 01 Jan 2170 00:00:10 GMT', 40_000), day);
  t.is(retryAfterMs('soon', 0), undefined);
  t.is(retryAfterMs(null, 0), undefined);
});

test('a connection that fails is retried, and says why', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const failure = await failureOf(t, httpOf(t), { url: `http://127.0.0.1:${port}/` });
  t.is(failure.outcome, 'failed');
  t.regex(failure.message, /^GET http:\/\/127.*: .*ECONNREFUSED/);
});

test('a body that breaks off is retried, and says of what, and why', async (t) => {
  const breaksOff: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('the beginning', () => response.destroy());
  };
  const { url } = await testServer(t, { '/breaks': breaksOff });
  const failure = await failureOf(t, httpOf(t), { url: `${url}/breaks`, method: 'POST' });
  t.is(failure.outcome, 'failed');
  t.regex(failure.message, new RegExp(`^POST ${url}/breaks: the response ended early, after 13 bytes; caused by .+`));
});

test('credentials in the URL are sent, and stand in no result and no error', async (t) => {
  const { url, port } = await testServer(t, {
    '/500': (_, response) => void response.writeHead(500).end(),
    '/breaks': (_, response) => void response.write('x', () => response.destroy()),
    '/to-file': redirect('file:///etc/passwd'),
    '/elsewhere': redirect('/'),
  });
  const withSecret = (path: string): string => `http://someone:s%C3%A9cret@127.0.0.1:${port}${path}`;
  const result = await get(httpOf(t), { url: withSecret('/elsewhere') });
  const { authorization } = JSON.parse(result.body) as { authorization: string };
  t.is(authorization, `Basic ${Buffer.from('someone:sécret').toString('base64')}`);
  t.is(result.url, `${url}/`);
  const http = httpOf(t);
  const blocked = httpOf(t, {});
  const failures = [
    ...['/500', '/breaks', '/to-file'].map((path) => failureOf(t, http, { url: withSecret(path) })),
    failureOf(t, blocked, { url: withSecret('/') }),
    failureOf(t, http, { url: withSecret('/'), method: 'NO WAY' }),
    failureOf(t, http, { url: 'http://someone:s%C3cret@127.0.0.1/' }),
    failureOf(t, http, { url: 'http://someone:secret@' }),
    failureOf(t, http, { url: withSecret('/'), headers: { authorization: 'Bearer secret\n' } }),
  ];
  for (const { message } of await Promise.all(failures)) t.notRegex(message, /someone|cret/);
});

test('redirects are followed as browsers do, credentials and cookies stay with their origin', async (t) => {
  const other = await testServer(t, {});
  const { url } = await testServer(t, {
    '/303': redirect('/', 303),
    '/307': redirect('/', 307),
    '/other': redirect(`${other.url}/`, 307),
  });
  const secret = { authorization: 'Bearer x', cookie: 'a=b', 'x-own': 'yes' };
  const sent = { method: 'POST', body: 'text', headers: secret };
  const answer = async (path: string): Promise<unknown> =>
    JSON.parse((await get(httpOf(t), { ...sent, url: url + path })).body);
  t.like(await answer('/303'), { method: 'GET', body: '', authorization: 'Bearer x' });
  t.like(await answer('/307'), { method: 'POST', body: 'text', authorization: 'Bearer x', cookie: 'a=b' });
  t.deepEqual(await answer('/other'), { method: 'POST', type: 'text/plain;charset=UTF-8', own: 'yes', body: 'text' });
});

test('a redirect that goes round, nowhere, or to a file is not tried again', async (t) => {
  const { url } = await testServer(t, {
    '/loop': redirect('/loop'),
    '/file': redirect('file:///etc/passwd'),
    '/data': redirect('data:text/plain,hello'),
    '/nowhere': redirect('http://'),
  });
  for (const [path, message] of [
    ['/loop', /\/loop: more than 5 redirects/],
    ['/file', /\/file: redirect to file: is not followed/],
    ['/data', /\/data: redirect to data: is not followed/],
    ['/nowhere', /redirect to an invalid URL/],
  ] as const) {
    const failure = await failureOf(t, httpOf(t), { url: url + path });
    t.is(failure.outcome, 'rejected');
    t.regex(failure.message, message);
  }
});

test('a redirect is judged like a request: its target is not reached', async (t) => {
  const inner = await testServer(t, {});
  const { url, port } = await testServer(t, {
    '/port': redirect(inner.url),
    '/metadata': redirect('http://169.254.169.254/latest/meta-data/'),
    '/decimal': redirect(`http://2130706433/`),
  });
  for (const path of ['/port', '/metadata', '/decimal']) {
    const failure = await failureOf(t, httpOf(t, { allow: [`127.0.0.1:${port}`] }), { url: url + path });
    t.like(failure, { outcome: 'rejected', name: 'HttpBlockedError' });
  }
  t.deepEqual(inner.seen, []);
});

const INTERNAL = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1', '0', '0.0.0.0'],
  ...['localhost', 'LOCALHOST', '①②⑦.0.0.1', '%31%32%37.0.0.1'],
  ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2001::1]', '[::ffff:0:7f00:1]', '[fec0::1]'],
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200'],
  ...['168.63.129.16', '192.0.0.192', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
  ...['[fc00::1]', '[fdff::1]', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '198.18.0.1', '[ff02::1]'],
  ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '[2001:db8::1]', '[100::1]'],
];

test('by default no internal address is reached, in whatever notation', async (t) => {
  const counted: unknown[] = [];
  const metrics: Metrics = { ...silentMetrics, count: (name, labels) => void counted.push({ name, ...labels }) };
  const http = httpOf(t, {}, metrics);
  for (const host of INTERNAL) {
    const failure = await failureOf(t, http, { url: `http://${host}/` });
    t.like(failure, { outcome: 'rejected', name: 'HttpBlockedError' }, host);
    t.regex(failure.message, /^GET http:.*refused by the policy 'public' of this worker: .* is not a public address/);
  }
  t.deepEqual(counted, INTERNAL.map(() => ({ name: 'drover_http_blocked_total', reason: 'address' }))); // prettier-ignore
});

test('the policy private opens private networks, and neither this machine nor the metadata of clouds', async (t) => {
  const http = httpOf(t, { policy: 'private' });
  for (const host of ['127.0.0.1', '[::1]', '169.254.169.254', '[fd00:ec2::254]', '100.100.100.200', '0.0.0.0'])
    t.is((await failureOf(t, http, { url: `http://${host}:8080/` })).name, 'HttpBlockedError', host);
});

test('by default only the ports of the web are reached', async (t) => {
  const failure = await failureOf(t, httpOf(t, {}), { url: 'http://example.com:6379/' });
  t.like(failure, { outcome: 'rejected', name: 'HttpBlockedError' });
  t.regex(failure.message, /port 6379 is not allowed; its --http-allow 'example\.com:6379' would allow it/);
});

test('the policy off reaches everything; what fetch blocks is not tried again', async (t) => {
  const { url } = await testServer(t, {});
  const http = httpOf(t, { policy: 'off' });
  t.is((await get(http, { url })).status, 200);
  const failure = await failureOf(t, http, { url: 'http://127.0.0.1:6000/' });
  t.is(failure.outcome, 'rejected');
  t.regex(failure.message, /^GET http:\/\/127\.0\.0\.1:6000\/: .*port/);
});

test('an entry of the allow list opens what it names, and nothing else', async (t) => {
  const { url, port } = await testServer(t, {});
  for (const allow of [`127.0.0.1:${port}`, `127.0.0.0/8:${port}`, '127.0.0.1/32:*'])
    t.is((await get(httpOf(t, { allow: [allow] }), { url })).status, 200, allow);
  for (const allow of ['127.0.0.1', '127.0.0.1:1', `127.0.0.2:${port}`, `[::1]:${port}`, `localhost:${port}`])
    t.is((await failureOf(t, httpOf(t, { allow: [allow] }), { url })).name, 'HttpBlockedError', allow);
  const byName = httpOf(t, { allow: [`localhost:${port}`] });
  t.is((await get(byName, { url: `http://localhost:${port}/` })).status, 200);
});

test('a policy and an allow list that are none', (t) => {
  for (const allow of ['', 'a b', 'http://a/', 'a:99999', 'a:0', '10.0.0.0/99', 'name/8', '[::1', '10.0.0.1:80:80'])
    t.throws(() => new Http({ allow: [allow] }, silentMetrics), { name: 'InvalidArgumentError' }, allow);
  t.throws(() => new Http({ policy: 'open' as never }, silentMetrics), { message: /one of public, private, off/ });
  t.notThrows(() => new Http({ allow: ['::1', 'fd00::/8', '[fd00::]/8:*', 'api.internal', 'a:*'] }, silentMetrics));
});

test('an abort ends the request', async (t) => {
  let asked: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (asked = resolve));
  const begins: Answer = (_, response) => {
    response.write('x');
    asked();
  };
  const { url } = await testServer(t, { '/hang': () => asked(), '/begins': begins });
  for (const path of ['/hang', '/begins']) {
    const controller = new AbortController();
    const running = httpOf(t).run({ url: url + path }, contextOf(controller.signal));
    await arrived;
    const reason = new Error('told to end');
    controller.abort(reason);
    t.is(await t.throwsAsync(running), reason);
  }
});

test('payloads are checked, all fields at once', async (t) => {
  const bad = [null, {}, { url: 'nowhere' }, { url: 'file:///etc/passwd' }, { url: 'http://a/', method: 'A B' }, { url: 'http://a/', retries: 3 }, { url: 'http://a/', method: 'GET', body: 'x' }, { url: 'http://a/', headers: { 'a b': 'c' } }]; // prettier-ignore
  for (const payload of bad)
    await t.throwsAsync(httpOf(t).run(payload, contextOf()), { name: 'RejectTaskError', message: /^http: / });
  const { message } = await failureOf(t, httpOf(t), { url: 7, method: true, header: {} });
  t.regex(message, /payload\.url: expected .*; payload\.method: expected string, .*; payload: unknown field 'header'/);
});

import { isLoopbackHost, parseListen } from '@drover/config';
import { createMetrics } from '@drover/observability';
import type { Health } from '@drover/runtime';
import test from 'ava';
import { serveOps } from './serve-ops.js';
import { startOps, type OpsOptions } from './ops-server.js';

async function started(t: { teardown(undo: () => Promise<void>): void }, more: Partial<OpsOptions> = {}) {
  const metrics = createMetrics();
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startOps({
    listen,
    metrics,
    health: () => ({ ready: true, why: 'ok', hasConnected: true }),
    ...more,
  });
  t.teardown(() => server.close());
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers });
  return { server, metrics, get };
}

test('metrics are what was counted, in the text format of Prometheus', async (t) => {
  const { metrics, get } = await started(t);
  metrics.set('drover_epoch', {}, 7);
  const answer = await get('/metrics');
  t.is(answer.status, 200);
  t.regex(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  t.regex(await answer.text(), /^drover_epoch 7$/m);
});

test('a process that is not ready says why, and is alive all the same', async (t) => {
  let health: Health = { ready: true, why: 'ok', hasConnected: true };
  const { get } = await started(t, { health: () => health });
  t.is((await get('/readyz')).status, 200);
  health = { ready: false, why: 'the session has expired', hasConnected: true };
  const answer = await get('/readyz');
  t.is(answer.status, 503);
  t.is(await answer.text(), 'the session has expired\n');
  t.is((await get('/livez')).status, 200);
});

test('a process has started once it has been connected, whatever becomes of its connection', async (t) => {
  let health: Health = { ready: false, why: 'connecting to ZooKeeper for 2.0 s', hasConnected: false };
  const { get } = await started(t, { health: () => health });
  const answer = await get('/startupz');
  t.is(answer.status, 503);
  t.is(await answer.text(), 'connecting to ZooKeeper for 2.0 s\n');
  health = { ready: false, why: 'no contact with ZooKeeper for 9.0 s', hasConnected: true };
  t.is((await get('/startupz')).status, 200);
});

test('with a token, only who shows it reads the metrics; probes need none', async (t) => {
  const { get } = await started(t, { token: 'secret' });
  t.is((await get('/metrics')).status, 401);
  t.is((await get('/metrics', { authorization: 'Bearer secret2' })).status, 401);
  t.is((await get('/metrics', { authorization: 'Bearer secret' })).status, 200);
  t.is((await get('/readyz')).status, 200);
  t.is((await get('/livez')).status, 200);
});

test('beyond loopback metrics need a token, or the word that they do not', async (t) => {
  const everywhere = { host: '0.0.0.0', port: 0 };
  const refused = await started(t, { listen: everywhere });
  const port = new URL(refused.server.url).port;
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  t.is(answer.status, 403);
  t.regex(await answer.text(), /--ops-token-file/);
  t.is((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
  const open = await started(t, { listen: everywhere, insecure: true });
  t.is((await fetch(`http://127.0.0.1:${new URL(open.server.url).port}/metrics`)).status, 200);
});

test('a port that is in use is an error that says so', async (t) => {
  const { server } = await started(t);
  const port = Number(new URL(server.url).port);
  await t.throwsAsync(started(t, { listen: { host: '127.0.0.1', port } }), {
    name: 'OpsListenError',
    message: new RegExp(`127\\.0\\.0\\.1:${port}: the port is in use`),
  });
});

test('loopback is loopback, however it is written', (t) => {
  for (const text of ['127.0.0.1:1', '127.8.9.1:1', '[::1]:1', 'localhost:1'])
    t.true(isLoopbackHost(parseListen(text)!.host), text);
  for (const text of ['0.0.0.0:1', '10.0.0.1:1', '[::]:1']) t.false(isLoopbackHost(parseListen(text)!.host), text);
});

test('a program that uses the client library serves the same', async (t) => {
  const metrics = createMetrics({ role: 'client' });
  const health = (): Health => ({ ready: false, why: 'no contact', hasConnected: true });
  await t.throwsAsync(serveOps({ listen: 'nonsense', metrics, health }), {
    name: 'InvalidArgumentError',
    message: /HOST:PORT/,
  });
  const server = await serveOps({ listen: '127.0.0.1:0', metrics, health });
  t.teardown(() => server.close());
  t.is((await fetch(`${server.url}/readyz`)).status, 503);
  t.regex(await (await fetch(`${server.url}/metrics`)).text(), /^# HELP drover_unwritten_tasks /m);
});

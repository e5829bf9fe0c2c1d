import { writeFile } from 'node:fs/promises';
import { resolveWorkerConfig, type WorkerConfig } from '@drover/config';
import { silentLog, type Log } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { checkMetrics, testFolder, testZooKeeper, Told } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { ConnectTimeoutError } from '@drover/coordination';
import { runWorker } from '../src/index.js';

function configOf(args: Record<string, unknown>): Readonly<WorkerConfig> {
  return resolveWorkerConfig({ flags: args, env: {} });
}

test('a worker registers, says so, and is gone when it was asked to stop', async (t) => {
  const { connect } = await testZooKeeper(t);
  const controller = new AbortController();
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  let ready: (id: string) => void = () => undefined;
  const registered = new Promise<string>((resolve) => (ready = resolve));
  const options = { version: '0', signal: controller.signal, log: silentLog, onReady: (id: string) => ready(id) };
  const running = runWorker(configOf({ zk: connect, name: 'w1', concurrency: 3 }), options);
  const id = await registered;
  t.deepEqual(await zk.children('/workers'), [id]);
  t.like(JSON.parse((await zk.get(`/workers/${id}`)).data.toString()), { name: 'w1', capacity: 3, pid: process.pid });
  controller.abort(new Error('enough'));
  await running;
  t.deepEqual(await zk.children('/workers'), []);
});

test('ZooKeeper that cannot be reached is an error within the connect timeout', async (t) => {
  const config = configOf({ zk: '127.0.0.1:1', connectTimeout: '200ms' });
  await t.throwsAsync(runWorker(config, { version: '0', log: silentLog }), { instanceOf: ConnectTimeoutError });
});

test('a stop while it still connects is no error', async (t) => {
  const controller = new AbortController();
  const running = runWorker(configOf({ zk: '127.0.0.1:1' }), {
    version: '0',
    log: silentLog,
    signal: controller.signal,
  });
  controller.abort(new Error('enough'));
  await t.notThrowsAsync(running);
});

test('a module that is not there names its path', async (t) => {
  const path = `${await testFolder(t)}/handlers.mjs`;
  const running = runWorker(configOf({ zk: '127.0.0.1:1', handlers: path }), { version: '0', log: silentLog });
  const error = await t.throwsAsync(running, { name: 'HandlersModuleError' });
  t.true(error.message.startsWith(`handlers module ${path}: `), error.message);
});

test('a worker serves its metrics and says whether it takes tasks', async (t) => {
  const { connect } = await testZooKeeper(t);
  const stopping = new AbortController();
  const events = new Told<{ name: string; fields: Record<string, unknown> }>();
  const log: Log = { event: (name, fields) => events.tell({ name, fields }), with: () => log };
  const config = configOf({ zk: connect, name: 'w1', concurrency: 3, opsListen: '127.0.0.1:0' });
  const running = runWorker(config, { version: '1.2.3', signal: stopping.signal, log });
  const url = String((await events.first(({ name }) => name === 'ops.listening')).fields.url);
  await events.first(({ name }) => name === 'worker.registered');
  t.is((await fetch(`${url}/readyz`)).status, 200);
  const scrape = await (await fetch(`${url}/metrics`)).text();
  t.regex(scrape, /^drover_worker_capacity 3$/m);
  t.regex(scrape, /^drover_session_changes_total\{state="connected"\} 1$/m);
  t.is(await checkMetrics(scrape), '');
  stopping.abort();
  await running;
  await t.throwsAsync(fetch(`${url}/livez`));
});

test('a stop while the module still loads is no error, and is heard at once', async (t) => {
  const path = `${await testFolder(t)}/handlers.mjs`;
  await writeFile(path, 'for (;;);');
  const controller = new AbortController();
  const config = configOf({ zk: '127.0.0.1:1', handlers: path });
  const running = runWorker(config, { version: '0', log: silentLog, signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.notThrowsAsync(running);
});

test('an allow list that is none is refused before anything starts', async (t) => {
  const config = configOf({ zk: '127.0.0.1:1', builtin: 'http', httpAllow: 'http://a/' });
  const error = await t.throwsAsync(runWorker(config, { version: '0', log: silentLog }));
  t.regex(error.message, /http allow: expected HOST/);
});

import { resolveSchedulerConfig } from '@drover/config';
import { silentLog, type EventFields, type Log } from '@drover/observability';
import { checkMetrics, testProxy, testZooKeeper, Told, type Teardown } from '@drover/testing';
import test from 'ava';
import { runScheduler } from '../src/index.js';

/** A scheduler with an ops listener on a free port; resolves with its address, once it takes part. */
async function servedBy(t: Teardown, flags: Record<string, unknown>) {
  const config = resolveSchedulerConfig({
    flags: { id: 's1', opsListen: '127.0.0.1:0', apiListen: 'off', ...flags },
    env: {},
  });
  const stopping = new AbortController();
  const events = new Told<{ name: string; fields: Record<string, unknown> }>();
  const log: Log = { event: (name, fields) => events.tell({ name, fields }), with: () => log };
  const ready = new Promise<string>((onReady, reject) => {
    const running = runScheduler(config, { version: '1.2.3', signal: stopping.signal, log, onReady });
    running.catch(reject);
    t.teardown(async () => {
      stopping.abort();
      await running.catch(() => undefined);
    });
  });
  const { fields } = await events.first(({ name }) => name === 'ops.listening');
  return { url: String(fields.url), ready, events };
}

test('a scheduler serves its metrics, and promtool finds nothing wrong with them', async (t) => {
  const { connect } = await testZooKeeper(t);
  const { url, events, ready } = await servedBy(t, { zk: connect });
  await ready;
  await events.first(({ name }) => name === 'term.began');
  const scrape = await (await fetch(`${url}/metrics`)).text();
  t.regex(scrape, /^drover_build_info\{version="1\.2\.3",role="scheduler",name="s1",node="[\d.]+"\} 1$/m);
  t.regex(scrape, /^drover_leader 1$/m);
  t.regex(scrape, /^drover_takeovers_total 1$/m);
  t.regex(scrape, /^drover_session_changes_total\{state="connected"\} 1$/m);
  t.is(await checkMetrics(scrape), '');
});

test('it is ready when its session lives, whoever leads, and says why when it does not', async (t) => {
  const { connect, address, chroot } = await testZooKeeper(t);
  const first = await servedBy(t, { zk: connect });
  await first.ready;
  const proxy = await testProxy(t, address);
  proxy.blackHole('both');
  const other = await servedBy(t, { zk: `${proxy.address}${chroot}`, id: 's2', connectTimeout: '1h' });
  const starting = await fetch(`${other.url}/readyz`);
  t.is(starting.status, 503);
  t.regex(await starting.text(), /^connecting to ZooKeeper for /);
  t.is((await fetch(`${other.url}/livez`)).status, 200);
  proxy.blackHole('none');
  await other.ready;
  t.is((await fetch(`${other.url}/readyz`)).status, 200);
  t.is((await fetch(`${first.url}/readyz`)).status, 200);
});

test('whatever ends a scheduler is logged', async (t) => {
  const config = resolveSchedulerConfig({
    flags: { zk: '127.0.0.1:1', connectTimeout: '100ms', apiListen: 'off' },
    env: {},
  });
  const failed: unknown[] = [];
  const log: Log = {
    ...silentLog,
    event: (name, fields) => {
      if (name === 'process.failed') failed.push((fields as EventFields<'process.failed'>).error);
    },
  };
  const error = await t.throwsAsync(runScheduler(config, { version: '0', log }));
  t.deepEqual(failed, [error]);
});

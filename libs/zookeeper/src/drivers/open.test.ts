import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { ZooKeeperError } from '../errors.js';
import { loadNativeZooKeeper } from './native-zookeeper-api.js';
import { loadNodeZooKeeperClient } from './node-zookeeper-client-api.js';
import { DRIVER_NAMES, openZooKeeper } from './open.js';

/** Nobody listens there: handles can be opened, and never connect. */
const NOBODY = { connect: '127.0.0.1:1', runtime: systemRuntime };

/** The drivers, without the optional one if it is not installed. */
const INSTALLED = DRIVER_NAMES.filter((name) => {
  try {
    if (name === 'zookeeper') loadNativeZooKeeper();
    return true;
  } catch {
    return false;
  }
});

test('each driver is opened by its name, and says what it can do', async (t) => {
  t.deepEqual([...DRIVER_NAMES], ['drover', 'node-zookeeper-client', 'zookeeper']);
  for (const name of INSTALLED) {
    const zk = await openZooKeeper(name, NOBODY);
    t.is(zk.driver, name);
    t.is(zk.state, 'connecting');
    t.is(typeof zk.capabilities.multi, 'boolean');
    await zk.close();
    t.is(zk.state, 'closed');
  }
});

test('a name that is none is refused with those that are', async (t) => {
  for (const name of ['curator', 'toString']) {
    const error = await t.throwsAsync(openZooKeeper(name, NOBODY), { instanceOf: ZooKeeperError });
    t.is(error.code, 'BAD_ARGUMENTS');
    t.regex(error.message, /there are drover, node-zookeeper-client, zookeeper/);
  }
});

test('a connect string that is none is refused by every driver', async (t) => {
  for (const name of INSTALLED) {
    const error = await t.throwsAsync(openZooKeeper(name, { ...NOBODY, connect: '' }), { instanceOf: ZooKeeperError });
    t.is(error.code, 'BAD_ARGUMENTS', name);
  }
});

test('TLS is refused by the drivers that lack it, and named', async (t) => {
  for (const name of ['node-zookeeper-client', 'zookeeper']) {
    const error = await t.throwsAsync(openZooKeeper(name, { ...NOBODY, tls: {} }), { instanceOf: ZooKeeperError });
    t.is(error.code, 'UNSUPPORTED', name);
    t.regex(error.message, new RegExp(`driver '${name}' has no TLS`));
  }
});

test('without the package of a foreign driver the error says how to install it', (t) => {
  const missing = 'a-package-that-is-not-installed';
  const load = { 'zookeeper@7.3.0': loadNativeZooKeeper, 'node-zookeeper-client@1.1.3': loadNodeZooKeeperClient };
  for (const [name, loader] of Object.entries(load)) {
    const error = t.throws(() => loader(missing), { instanceOf: ZooKeeperError });
    t.is(error.code, 'UNSUPPORTED');
    t.true(error.message.includes(`npm install ${name}`), error.message);
  }
});

test('options that do not exist, or are none, are refused by every driver, and no credentials are shown', async (t) => {
  const wrong: Record<string, unknown>[] = [
    { sesionTimeoutMs: 5_000 },
    { sessionTimeoutMs: -1 },
    { sessionTimeoutMs: NaN },
    { sessionTimeoutMs: '6s' },
    { sessionTimeoutMs: null },
    { connect: 7 },
    { connect: undefined },
    { runtime: undefined },
    { runtime: {} },
    { auth: 'digest:a:b' },
    { auth: [null] },
    { auth: [{ scheme: 7, credentials: 's3cret' }] },
    { auth: [{ scheme: 'digest', credentials: { password: 's3cret' } }] },
    { tls: true },
    { tls: { caFile: '/ca.pem' } },
  ];
  for (const name of INSTALLED)
    for (const options of wrong) {
      const open = openZooKeeper(name, { ...NOBODY, ...options });
      const error = await t.throwsAsync(open, { instanceOf: ZooKeeperError }, `${name} ${Object.keys(options).join()}`);
      t.is(error.code, 'BAD_ARGUMENTS');
      t.notRegex(error.message, /s3cret/);
    }
});

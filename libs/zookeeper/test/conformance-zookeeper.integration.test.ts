import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { loadNativeZooKeeper } from '../src/drivers/native-zookeeper-api.js';
import { connectNativeZooKeeper } from '../src/drivers/native-zookeeper.js';
import { isZooKeeperError } from '../src/index.js';
import { testConformance } from './conformance-suite.js';

/** The package is optional: it compiles at install, where that can be done. */
function isInstalled(): boolean {
  try {
    loadNativeZooKeeper();
    return true;
  } catch (error) {
    if (isZooKeeperError(error, 'UNSUPPORTED')) return false;
    throw error;
  }
}

if (isInstalled()) testConformance(connectNativeZooKeeper);
else {
  test('without the optional package the driver says how to install it', (t) => {
    t.throws(() => connectNativeZooKeeper({ connect: '127.0.0.1:2181', runtime: systemRuntime }), {
      message: /npm install zookeeper@7\.3\.0/,
    });
  });
}

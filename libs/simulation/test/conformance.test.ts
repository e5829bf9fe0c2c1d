import { systemRuntime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { laws, tryLaw, type World } from '@drover/zookeeper/conformance';
import test from 'ava';
import { Ensemble, Network } from '../src/index.js';

/** Long enough that a busy machine suspends no session: all laws run in one thread. */
const SESSION_TIMEOUT_MS = 10_000;

/** The simulated ZooKeeper holds to the laws that the real one is held to, here on the system's clock. */
function world(): { world: World; close(): Promise<void> } {
  const ensemble = new Ensemble({ servers: 3, runtime: systemRuntime });
  const network = new Network({ runtime: systemRuntime, ensemble });
  const handles: ZooKeeper[] = [];
  return {
    world: {
      open({ at = '', ...options } = {}) {
        const connect = `zk:1,zk:2,zk:3${at}`;
        const zk = network.factory({
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          ...options,
          connect,
          runtime: systemRuntime,
        });
        handles.push(zk);
        return Promise.resolve(zk);
      },
      disconnect() {
        network.cut();
        return Promise.resolve();
      },
      expire(zk) {
        ensemble.expire(zk.sessionId);
        return Promise.resolve();
      },
    },
    async close() {
      await Promise.all(handles.map((zk) => zk.close()));
      ensemble.stop();
    },
  };
}

for (const [group, members] of Object.entries(laws)) {
  for (const law of members) {
    test(`${group}: ${law.name}`, async (t) => {
      const { world: simulated, close } = world();
      t.teardown(close);
      await tryLaw(law, simulated);
      t.pass();
    });
  }
}

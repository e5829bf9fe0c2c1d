import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHORT_LIVED_JVM, startZooKeeper } from '@drover/embedded';

let started: Promise<string> | null = null;

/**
 * `host:port` of the ZooKeeper that the tests of this process share: the one that DROVER_TEST_ZK names, else one that is
 * started at the first call. It ends with the process and does not keep it alive.
 */
export function sharedZooKeeper(): Promise<string> {
  const running = process.env.DROVER_TEST_ZK;
  if (running) return Promise.resolve(running);
  started ??= start();
  return started;
}

async function start(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const server = await startZooKeeper({ dataDir, heapMb: 256, javaArguments: SHORT_LIVED_JVM });
  const { pid } = server;
  server.unref();
  process.once('exit', () => {
    // The guard would end it too, but only after the folder is gone: it would write into it again.
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  });
  return server.connect;
}

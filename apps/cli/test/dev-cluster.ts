import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { drover, ended, firstDocument, start, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

export interface Dev {
  zk: string;
  schedulers: { id: string; pid: number }[];
  workers: { name: string; pid: number }[];
}

/** Each at a free port. */
export const WITH_API = { DROVER_API_LISTEN: '127.0.0.1:0' };

/**
 * `drover dev` on the ZooKeeper of the tests, for one test; 2 schedulers and 2 workers unless `args` says otherwise. Its
 * end is checked: nothing stays behind. `settings`: variables; `WITH_API` has an API at each scheduler.
 */
export async function devCluster(t: Teardown, args: readonly string[] = [], settings: Record<string, string> = {}) {
  const zk = await testZooKeeper(t);
  const cwd = await testFolder(t);
  const sizes = ['--schedulers', '2', '--workers', '2'];
  const child = start(['dev', '--json', ...sizes, ...args, '--zk', zk.connect], { cwd, env: settings });
  const over = ended(child);
  t.teardown(async () => {
    child.kill('SIGTERM');
    const { code, stderr } = await over;
    // An assertion of ava's is too late here; a teardown that throws fails the test all the same.
    assert.deepEqual({ code, stderr, left: await readdir(`${cwd}/.drover`) }, { code: 0, stderr: '', left: [] });
  });
  const dev = (await firstDocument(child)) as Dev;
  const env = { DROVER_ZK: dev.zk };
  const run = (command: string[], input?: string): Promise<Ended> =>
    drover(command, { env, ...(input === undefined ? {} : { input }) });
  /** The same in this process. */
  const here = (...command: string[]): Promise<Ended> => runHere(command, env);
  return { dev, run, here };
}

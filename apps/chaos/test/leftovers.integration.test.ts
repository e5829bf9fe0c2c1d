import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testFolder, type Teardown } from '@drover/testing';
import test from 'ava';
import { KINDS } from './world.js';

const HOLDER = fileURLToPath(new URL('holder.child.js', import.meta.url));
const run = promisify(execFile);

/** A process with a topology, that runs. */
async function holder(t: Teardown, kind: string): Promise<{ child: ChildProcess; folder: string }> {
  const folder = await testFolder(t);
  const child = fork(HOLDER, [kind, folder]);
  t.teardown(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return { child, folder };
}

/** Pids of all processes that `pid` started, and of those that they started. */
function descendants(pid: number | undefined): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = all.map(Number).filter((child) => parentOf(child) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** The backing files of all loop devices. */
function backingFiles(): string[] {
  return readdirSync('/sys/block').flatMap((device) => {
    try {
      return readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8');
    } catch {
      return [];
    }
  });
}

for (const kind of KINDS) {
  test.serial(`${kind}: close leaves no process and no mount, and neither does the end of the run`, async (t) => {
    const { child, folder } = await holder(t, kind);
    t.true(descendants(child.pid).length > 2);
    child.send('close');
    await once(child, 'message');
    t.deepEqual(descendants(child.pid), []);
    t.false(readFileSync('/proc/self/mountinfo', 'utf8').includes(folder));
    t.false(backingFiles().some((file) => file.startsWith(folder)));
  });

  test.serial(`${kind}: when the run is killed the kernel ends all that it started`, async (t) => {
    const { child } = await holder(t, kind);
    const pids = descendants(child.pid);
    t.true(pids.length > 2);
    child.kill('SIGKILL');
    // tail ends when the process has.
    await Promise.all(pids.map((pid) => run('tail', [`--pid=${pid}`, '-f', '/dev/null'])));
    t.true(pids.every((pid) => parentOf(pid) === undefined));
  });
}

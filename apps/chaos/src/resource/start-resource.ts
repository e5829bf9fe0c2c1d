import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Paths } from '../run/setup.js';

const PROGRAM = fileURLToPath(new URL('resource.child.js', import.meta.url));

/**
 * Starts the external resource; resolves when it listens, with what ends it and rejects when it had ended before: nothing
 * is to be learned from such a run. It ends with this process.
 */
export async function startResource({ socket, resource }: Paths): Promise<() => Promise<void>> {
  const child = fork(PROGRAM, [socket, resource], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const early = ended.then(([code]: unknown[]) => {
    throw new Error(`the resource ended with ${String(code)} before it listened`);
  });
  await Promise.race([once(child, 'message'), early]);
  early.catch(() => undefined);
  return async () => {
    if (!child.connected) throw new Error('the resource ended before the run');
    child.disconnect();
    await ended;
  };
}

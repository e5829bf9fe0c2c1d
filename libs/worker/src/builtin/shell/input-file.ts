import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSync } from 'node:fs';
import { messageOf } from '@drover/runtime';

/**
 * A file descriptor from which a program reads `input`. The file behind it has no name any more.
 *
 * It is a file as a shell makes it for a here-document, because a program may open `/dev/stdin` at any time: a socket
 * refuses that, and a named pipe whose writer has ended blocks it for ever. Rejects where this worker cannot write to
 * its folder for temporary files. The caller closes the descriptor.
 */
export async function openInput(input: string): Promise<number> {
  try {
    return await writeAndOpen(input);
  } catch (cause) {
    throw new Error(`shell: cannot keep the input on this worker: ${messageOf(cause)}`, { cause });
  }
}

async function writeAndOpen(input: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-input-'));
  try {
    const path = join(folder, 'input');
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(input).finally(() => file.close());
    return openSync(path, 'r');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

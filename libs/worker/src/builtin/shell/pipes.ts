import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@drover/runtime';

/**
 * Pipes for the output of programs. Node's own are sockets, and a program that opens `/dev/stderr` (as
 * `echo hi > /dev/stderr` does) is refused a socket (ENXIO). Node cannot make a pipe, so named ones are made, sixteen
 * with one `mkfifo`, opened at both ends and removed at once: nothing of them is left on disk.
 */
const AT_A_TIME = 16;
const run = promisify(execFile);

/** A pipe that a program writes and we read. The program's end blocks, as programs expect; ours does not. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

export function toReader(pipe: Pipe): Socket {
  return new Socket({ fd: pipe.readFd, readable: true, writable: false });
}

function open(path: string): Pipe {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;
  // With both ends open here neither of the other two opens can block.
  const both = openSync(path, O_RDWR | O_NONBLOCK);
  try {
    return { readFd: openSync(path, O_RDONLY | O_NONBLOCK), writeFd: openSync(path, O_WRONLY) };
  } finally {
    closeSync(both);
  }
}

async function mkfifo(paths: readonly string[]): Promise<void> {
  try {
    await run('mkfifo', ['-m', '600', ...paths]);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? "there is no program 'mkfifo'" : messageOf(cause);
    throw new Error(`shell: cannot make pipes on this worker: ${why}`, { cause });
  }
}

export class Pipes {
  #free: Pipe[] = [];
  #making: Promise<void> | undefined;
  #isClosed = false;

  /** The taker of a pipe closes its ends. Rejects if no pipe can be made: no `mkfifo`, no room for files. */
  async take(): Promise<Pipe> {
    for (;;) {
      const pipe = this.#free.pop();
      if (pipe !== undefined) return pipe;
      this.#making ??= this.#make().finally(() => (this.#making = undefined));
      await this.#making;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { readFd, writeFd } of this.#free) {
      closeSync(readFd);
      closeSync(writeFd);
    }
    this.#free = [];
  }

  /** `close` may have come while they were made. */
  #closeIfOver(): void {
    if (this.#isClosed) this.close();
  }

  async #make(): Promise<void> {
    if (this.#isClosed) throw new Error('this worker is stopping and starts no more programs');
    const folder = await mkdtemp(join(tmpdir(), 'drover-pipes-'));
    try {
      const paths = Array.from({ length: AT_A_TIME }, (_, i) => join(folder, String(i)));
      await mkfifo(paths);
      for (const path of paths) this.#free.push(open(path));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    this.#closeIfOver();
  }
}

import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@drover/runtime';

/**
 * Pipes for the standard streams of programs. Node's own are sockets, and a program that opens `/dev/stderr` or
 * `/dev/stdin` (as `echo hi > /dev/stderr` does) is refused a socket (ENXIO). Node cannot make a pipe, so named ones are
 * made, sixteen with one `mkfifo`, opened at both ends and removed at once: nothing of them is left on disk.
 */
const AT_A_TIME = 16;
const run = promisify(execFile);

/** A pipe whose two ends are file descriptors. The end for the program blocks, as programs expect; ours does not. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

/** The program writes, we read. */
export function toReader(pipe: Pipe): Socket {
  return new Socket({ fd: pipe.readFd, readable: true, writable: false });
}

/** We write, the program reads. */
export function toWriter(pipe: Pipe): Socket {
  return new Socket({ fd: pipe.writeFd, readable: false, writable: true });
}

/** `us` is the end that is ours: that one is opened so that it never blocks this process. */
function open(path: string, us: 'read' | 'write'): Pipe {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;
  // With both ends open here neither of the other two opens can block.
  const both = openSync(path, O_RDWR | O_NONBLOCK);
  try {
    const readFd = openSync(path, us === 'read' ? O_RDONLY | O_NONBLOCK : O_RDONLY);
    const writeFd = openSync(path, us === 'write' ? O_WRONLY | O_NONBLOCK : O_WRONLY);
    return { readFd, writeFd };
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
  readonly #ours: 'read' | 'write';
  #free: Pipe[] = [];
  #making: Promise<void> | undefined;
  #isClosed = false;

  constructor(ours: 'read' | 'write') {
    this.#ours = ours;
  }

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
      for (const path of paths) this.#free.push(open(path, this.#ours));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    this.#closeIfOver();
  }
}

import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { UsageError } from '../failure.js';

/**
 * The source that `--from` names. A file can be read twice: to check it, then to submit it. Everything else (stdin, a
 * FIFO, `<(...)`, a device) can be read once, and is copied to a file first where it has to be checked as a whole.
 */
export type TaskSource = { name: string } & ({ file: FileHandle } | { stream: Readable });

/** Throws `UsageError` if the source cannot be read. The caller closes the returned source. */
export async function openTaskSource(from: string, stdin: Readable): Promise<TaskSource> {
  const descriptor = descriptorOf(from);
  if (descriptor === 0) return { name: 'stdin', stream: stdin };
  if (descriptor !== null) return { name: from, stream: streamOf(descriptor, from) };
  return openPath(from);
}

/** A path of a descriptor that this process was started with, as `<(...)` of a shell gives it; `-` is stdin. */
function descriptorOf(from: string): number | null {
  if (from === '-' || from === '/dev/stdin') return 0;
  const digits = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(from)?.[1];
  return digits === undefined ? null : Number(digits);
}

async function openPath(path: string): Promise<TaskSource> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw new UsageError(`--from: ${path} is a folder, expected a file of JSON lines`);
    // A file of /proc has no size before it is read.
    if (stats.isFile() && stats.size > 0) return { name: path, file: await open(path, 'r') };
    // A FIFO that nobody writes to yet would block the open itself, and with it the end of this process.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { name: path, stream: streamOf(fd, path) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`--from: ${whyUnreadable(path, error)}`);
  }
}

function whyUnreadable(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `no such file: ${path}`;
  return code === 'EACCES' ? `no permission to read ${path}` : `cannot read ${path}: ${message}`;
}

/** A stream that can be destroyed while it waits for its writer. */
function streamOf(fd: number, name: string): Readable {
  try {
    const stats = fstatSync(fd);
    if (stats.isFIFO() || stats.isSocket()) return new Socket({ fd, readable: true, writable: false });
    return isatty(fd) ? new ReadStream(fd) : createReadStream('', { fd });
  } catch (error) {
    throw new UsageError(`--from: ${whyUnreadable(name, error)}`, { cause: error });
  }
}

/**
 * Copies a stream, which can be read only once, to a file without a name, which is gone however this process ends.
 * Rejects with the reason of `signal` as soon as it is aborted.
 */
export async function spool(
  { name, stream }: { name: string; stream: Readable },
  signal: AbortSignal,
): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-submit-'));
  const file = await open(join(folder, 'tasks.ndjson'), 'wx+').finally(() =>
    rm(folder, { recursive: true, force: true }),
  );
  try {
    for await (const chunk of addAbortSignal(signal, stream)) await file.appendFile(chunk as Buffer);
    return file;
  } catch (error) {
    await file.close();
    signal.throwIfAborted();
    throw new UsageError(
      `--from: cannot copy ${name} to ${tmpdir()}: ${(error as Error).message} (--keep-going does not copy it)`,
      {
        cause: error,
      },
    );
  }
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '@drover/runtime';
import { SingleBar } from 'cli-progress';
import type { Host } from './host.js';
import { isWebAddress, sha512In, type ReleaseAddress } from './release.js';

/** How long a server may take to answer, and to send the next bytes. */
const SILENCE_MS = 10_000;

/** Thrown when an archive is not the one that its publisher published. */
export class ChecksumMismatchError extends Error {
  override readonly name = 'ChecksumMismatchError';

  constructor(address: ReleaseAddress, expected: string, actual: string) {
    super(`${address.archive} was refused: its SHA-512 is ${actual}, but ${address.checksum} says ${expected}`);
  }
}

/**
 * Copies the archive at `address` to the file `target` and checks it. Throws `ChecksumMismatchError`, or the error of
 * the network or the disk; `target` may hold anything then.
 */
export async function fetchArchive(address: ReleaseAddress, target: string, host: Host): Promise<void> {
  // The checksum is read first: if there is none, the large archive is not fetched.
  const expected = await readChecksum(address, host);
  const actual = await copyWithSha512(address.archive, target, host);
  if (expected !== undefined && expected !== actual) throw new ChecksumMismatchError(address, expected, actual);
}

async function readChecksum({ checksum, checksumRequired }: ReleaseAddress, host: Host): Promise<string | undefined> {
  if (!checksumRequired && !(await isFile(checksum))) return undefined;
  const text = isWebAddress(checksum) ? await readWebText(checksum, host) : await readFile(checksum, 'utf8');
  const sha512 = sha512In(text);
  if (sha512 === undefined) throw new Error(`${checksum} holds no SHA-512`);
  return sha512;
}

async function readWebText(address: string, host: Host): Promise<string> {
  const { response, stillAlive } = await request(address, host);
  try {
    return await response.text();
  } finally {
    stillAlive.end();
  }
}

async function copyWithSha512(archive: string, target: string, host: Host): Promise<string> {
  const hash = createHash('sha512');
  if (!isWebAddress(archive)) {
    await pipeline(
      createReadStream(archive),
      tap((chunk) => hash.update(chunk)),
      createWriteStream(target),
    );
    return hash.digest('hex');
  }
  const { response, stillAlive } = await request(archive, host);
  if (!response.body) throw new Error(`${archive} is empty`);
  const progress = showProgress(Number(response.headers.get('content-length') ?? 0), host);
  try {
    const watched = tap((chunk) => {
      hash.update(chunk);
      stillAlive.touch();
      progress.add(chunk.length);
    });
    await pipeline(Readable.fromWeb(response.body), watched, createWriteStream(target));
  } finally {
    stillAlive.end();
    progress.end();
  }
  return hash.digest('hex');
}

function tap(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}

interface Deadline {
  touch(): void;
  end(): void;
}

/** A request that is given up when the server is silent for `SILENCE_MS`, before or after its answer begins. */
async function request(address: string, host: Host): Promise<{ response: Response; stillAlive: Deadline }> {
  const aborter = new AbortController();
  const arm = () =>
    host.runtime.after(SILENCE_MS, () => {
      aborter.abort(new Error(`${address} sent nothing for ${SILENCE_MS} ms`));
    });
  let timer = arm();
  const stillAlive: Deadline = {
    touch() {
      timer.cancel();
      timer = arm();
    },
    end: () => timer.cancel(),
  };
  try {
    const response = await fetch(address, { signal: aborter.signal });
    if (!response.ok) throw new Error(`${address} answered ${response.status} ${response.statusText}`);
    stillAlive.touch();
    return { response, stillAlive };
  } catch (error) {
    stillAlive.end();
    // fetch says "fetch failed" and keeps the reason (ENOTFOUND, ECONNREFUSED, ...) to itself.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${address}: ${messageOf(cause)}`, { cause: error });
  }
}

function showProgress(totalBytes: number, host: Host): { add(bytes: number): void; end(): void } {
  if (!host.showsProgress || totalBytes === 0) return { add: () => undefined, end: () => undefined };
  const bar = new SingleBar({
    stream: process.stderr,
    format: '  {bar} {percentage}% of {total} bytes, {eta_formatted} left',
  });
  bar.start(totalBytes, 0);
  return {
    add: (bytes) => bar.increment(bytes),
    end: () => bar.stop(),
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

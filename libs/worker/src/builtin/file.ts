import { createHash, getHashes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RejectTaskError } from '@drover/core';
import * as z from 'zod';
import type { BuiltIn, BuiltInDocument } from './built-in.js';
import { parsePayload } from './payload.js';

const path = z
  .string()
  .regex(/^[^\0]+$/, 'is empty, or has a NUL character')
  .describe('Path on the worker; relative paths start at its working directory');
const statSchema = z.strictObject({ path });
const checksumSchema = z.strictObject({
  path,
  algorithm: z.string().default('sha256').describe('Name of an algorithm, as in `openssl list -digest-algorithms`'),
});

/** Result: `{ path, bytes, modifiedAt, mode, isFile, isDirectory }`; `modifiedAt` in milliseconds since 1970. */
export const fileStat: BuiltIn = {
  type: 'file.stat',
  async run(payload) {
    const { path } = parsePayload('file.stat', statSchema, payload);
    const found = await stat(path);
    return {
      path,
      bytes: found.size,
      modifiedAt: Math.round(found.mtimeMs),
      mode: (found.mode & 0o7777).toString(8).padStart(4, '0'),
      isFile: found.isFile(),
      isDirectory: found.isDirectory(),
    };
  },
};

/** Result: `{ path, algorithm, checksum, bytes, lines, words }`, of the file read as a stream; checksum in hexadecimal. */
export const fileChecksum: BuiltIn = {
  type: 'file.checksum',
  async run(payload, { signal, alive }) {
    const { path, algorithm } = parsePayload('file.checksum', checksumSchema, payload);
    if (!getHashes().includes(algorithm))
      throw new RejectTaskError(`file.checksum: payload.algorithm: '${algorithm}' is not known to this worker`);
    const hash = createHash(algorithm);
    const counts = new TextCounts();
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      counts.add(chunk);
      alive();
    }
    const { bytes, lines, words } = counts;
    return { path, algorithm, checksum: hash.digest('hex'), bytes, lines, words };
  },
};

const FILE_RETRIES =
  'Retried: a file that is not there, or that the worker may not read: another worker may have it. Not retried: a payload ' +
  'that does not fit';

export const fileDocuments: readonly BuiltInDocument[] = [
  {
    type: 'file.stat',
    summary: 'Reads the properties of a file or folder of the worker.',
    payload: statSchema,
    result:
      '`{ path, bytes, modifiedAt, mode, isFile, isDirectory }`; `modifiedAt` in milliseconds since 1970, `mode` as `0644`.',
    limits: [],
    retries: `${FILE_RETRIES}.`,
  },
  {
    type: 'file.checksum',
    summary: 'Reads a file of the worker as a stream.',
    payload: checksumSchema,
    result:
      '`{ path, algorithm, checksum, bytes, lines, words }`; the checksum in hexadecimal, lines and words as `wc` counts them.',
    limits: ['The size of the file is not limited; give the task a timeout.'],
    retries: `${FILE_RETRIES}; an algorithm that the worker does not know.`,
  },
];

/** Counts as `wc` does: lines are newlines, words are runs of anything but ASCII white space. */
export class TextCounts {
  bytes = 0;
  lines = 0;
  words = 0;
  #isInWord = false;

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    let isInWord = this.#isInWord;
    for (const byte of chunk) {
      const isSpace = byte === 32 || (byte >= 9 && byte <= 13);
      if (byte === 10) this.lines++;
      if (!isSpace && !isInWord) this.words++;
      isInWord = !isSpace;
    }
    this.#isInWord = isInWord;
  }
}

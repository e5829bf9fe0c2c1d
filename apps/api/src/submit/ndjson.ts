import { changedNumberProblem } from '@drover/core';
import { ApiError } from '../api-error.js';

/** Bytes of one line: the largest payload with its options. */
const LONGEST_LINE = 300 * 1024;
const NEWLINE = 10;

/** One line of NDJSON. `line`: its number, from 1. */
export interface JsonLine {
  readonly line: number;
  readonly value: unknown;
}

/** A line that cannot be read. Nothing behind it is read. */
export class BadLineError extends ApiError {
  readonly line: number;
  constructor(line: number, why: string) {
    super('invalid-argument', `line ${line}: ${why}`, { field: `line ${line}` });
    this.line = line;
  }
}

/** The lines of a body as they arrive; empty ones are passed over. Throws `BadLineError` at the first that is no JSON. */
export async function* jsonLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine, void> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of body) {
    const data = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = data.indexOf(NEWLINE); to >= 0; to = data.indexOf(NEWLINE, from)) {
      line++;
      const value = parseLine(line, data.subarray(from, to));
      from = to + 1;
      if (value !== undefined) yield { line, value };
    }
    rest = data.subarray(from);
    if (rest.length > LONGEST_LINE) throw tooLong(line + 1);
  }
  const value = parseLine(line + 1, rest);
  if (value !== undefined) yield { line: line + 1, value };
}

const asBuffer = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `undefined`: the line is empty. */
function parseLine(line: number, data: Uint8Array): unknown {
  if (data.length > LONGEST_LINE) throw tooLong(line);
  let text: string;
  try {
    text = utf8.decode(data).trim();
  } catch {
    throw new BadLineError(line, 'expected UTF-8 text');
  }
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadLineError(
      line,
      `expected a JSON object such as {"type":"resize","payload":1}: ${(error as Error).message}`,
    );
  }
  const problem = changedNumberProblem(text);
  if (problem !== null) throw new BadLineError(line, problem);
  return value;
}

const tooLong = (line: number): BadLineError => new BadLineError(line, `it is longer than ${LONGEST_LINE} bytes`);

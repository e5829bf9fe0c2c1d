import { StringDecoder } from 'node:string_decoder';

/** Twice what a task may have: a longer line is none of ours, and is not gathered in memory to find out. */
const MAX_LINE_CHARS = 1024 * 1024;

export interface Line {
  /** From 1. */
  number: number;
  /** `null`: longer than any of ours may be. */
  text: string | null;
}

/**
 * Lines of a stream that are not blank, as many at a time as a chunk has: a million of them one by one through an
 * asynchronous iterator would cost more than parsing them.
 */
export async function* readLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Line[]> {
  const decoder = new StringDecoder('utf8');
  let number = 0;
  let rest = '';
  let isSkipping = false;
  for await (const chunk of chunks) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = parts.pop() ?? '';
    const lines: Line[] = [];
    for (const part of parts) {
      number++;
      if (isSkipping || part.length > MAX_LINE_CHARS) lines.push({ number, text: null });
      else if (part.trim() !== '') lines.push({ number, text: withoutMark(part, number) });
      isSkipping = false;
    }
    if (rest.length > MAX_LINE_CHARS) {
      isSkipping = true;
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (isSkipping) yield [{ number: number + 1, text: null }];
  else if (rest.trim() !== '') yield [{ number: number + 1, text: withoutMark(rest, number + 1) }];
}

/** The byte order mark that some editors write. */
const withoutMark = (text: string, number: number): string =>
  number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;

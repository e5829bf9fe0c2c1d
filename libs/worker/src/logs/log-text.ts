import { inOneLine } from '@drover/core';
import { presentFields } from '@drover/observability';

/** A longer line is cut, and says so. */
export const MAX_LINE_CHARS = 2_000;

/** One line of what a handler logs, with fields whose names suggest secrets left out. Control characters are escaped. */
export function lineOf(message: string, fields: Readonly<Record<string, unknown>>): string {
  for (const _name in fields) return printedLine(`${message} ${JSON.stringify(presentFields(fields, PRESENT))}`);
  return printedLine(message);
}
const PRESENT = { stacks: false, payloads: true };

/** One line of what a program printed. */
export function printedLine(text: string): string {
  const line = inOneLine(text.length > MAX_LINE_CHARS ? text.slice(0, MAX_LINE_CHARS) : text);
  return line.length <= MAX_LINE_CHARS && text.length <= MAX_LINE_CHARS ? line : `${line.slice(0, MAX_LINE_CHARS)}...`;
}

import { findChangedNumber } from '@drover/core';

/** The place at which a text stops being JSON, and the reason in words. */
export interface Fault {
  /** From 1, as the column. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Null: the text is JSON, or empty. */
export function faultOf(text: string): Fault | null {
  if (text.trim() === '') return null;
  if (errorOf(text) === null) return changedNumber(text);
  const at = firstWrong(text);
  const reason =
    at === text.length ? 'it ends too early: something is not closed' : `'${text.charAt(at)}' does not belong here`;
  return { ...placeOf(text, at), text: reason };
}

/** A number that JavaScript cannot hold, which the API refuses. */
function changedNumber(text: string): Fault | null {
  const number = findChangedNumber(text);
  if (number === null) return null;
  const reason = `${number} would be read as ${Number(number)}; write it as text, in double quotes`;
  return { ...placeOf(text, text.lastIndexOf(number)), text: reason };
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

/**
 * The place of the first character that cannot go on what is before it; the end, where only something is missing.
 * Engines tell the place in some of their messages, so it is searched: longer beginnings are wrong once one is.
 */
function firstWrong(text: string): number {
  let good = 0;
  let wrong = text.length + 1;
  while (wrong - good > 1) {
    const middle = (good + wrong) >> 1;
    if (canGoOn(text.slice(0, middle))) good = middle;
    else wrong = middle;
  }
  return good;
}

/** Whether a beginning of JSON can become JSON. */
function canGoOn(beginning: string): boolean {
  const error = errorOf(beginning);
  if (error === null || /end of JSON input|Unterminated string|end of data/.test(error)) return true;
  const position = /position (\d+)/.exec(error);
  return position !== null && Number(position[1]) >= beginning.length;
}

function errorOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Numbers that JSON can carry and JavaScript cannot: `12345678901234567890` is read as 12345678901234567000, `1e400` as
 * infinity, which is written as `null`. The handler would get something else than what was submitted, so such a number
 * is refused. A fraction that is rounded to the nearest double, as everywhere, is accepted.
 */

/** A quick test of every text: only a text that matches can have such a number. */
const SUSPECT = /\d{16}|\d[eE][+-]?\d{3}/;
/** Strings are matched first, so that digits inside them are skipped. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(\.\d+)?([eE][+-]?\d+)?/gs;

/** The first number of `json` (valid JSON) that would be changed by reading it; `null`: none. Pure. */
export function findChangedNumber(json: string): string | null {
  if (!SUSPECT.test(json)) return null;
  for (const [token, fraction, exponent] of json.matchAll(TOKENS)) {
    if (token.startsWith('"')) continue;
    const isWhole = fraction === undefined && exponent === undefined;
    if (isWhole ? !isExact(token) : isOutOfRange(token)) return token;
  }
  return null;
}

/** Null, or a sentence that says which number of `json` (valid JSON) cannot be kept, and what to do. Pure. */
export function changedNumberProblem(json: string): string | null {
  const changed = findChangedNumber(json);
  if (changed === null) return null;
  const shown = changed.length > 40 ? `${changed.slice(0, 37)}...` : changed;
  return `the number ${shown} would be read as ${Number(changed)}; write it as text: "${shown}"`;
}

/** Whether the digits are those with which JavaScript writes the number, or are exactly its value. */
function isExact(digits: string): boolean {
  const value = Number(digits);
  return (
    Number.isSafeInteger(value) || String(value) === digits || (isFinite(value) && BigInt(value) === BigInt(digits))
  );
}

function isOutOfRange(text: string): boolean {
  const value = Number(text);
  return !isFinite(value) || (value === 0 && /[1-9]/.test(text.replace(/[eE].*$/s, '')));
}

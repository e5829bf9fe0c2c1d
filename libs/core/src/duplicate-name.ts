/**
 * JSON lets an object name a field twice, and `JSON.parse` keeps the last one in silence: of
 * `{"type":"a","type":"b"}` nobody would learn that `a` was written too. Names are counted first, which costs little
 * beside the reading; only text that has more of them than the object is searched for the one that stands twice. No
 * recursion: the text may be nested as deeply as it likes.
 */

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OBJECT_OPENS, OBJECT_CLOSES, ARRAY_OPENS, ARRAY_CLOSES] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Strings are matched first, so that brackets inside them are skipped. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs;

/**
 * The first name that the object `value` has twice in `json`, the valid JSON that it was read from; `null`: none. Looks at
 * the names of `value` itself and of the object in its field `within`, not deeper. Pure.
 */
export function findDuplicateName(json: string, value: object, within?: string): string | null {
  const inner =
    within !== undefined && Object.hasOwn(value, within) ? namesOf((value as Record<string, unknown>)[within]) : 0;
  const hasAll = countNames(json, inner > 0 ? `"${within}"` : null) === namesOf(value) + inner;
  return hasAll ? null : searchDuplicate(json, within);
}

const namesOf = (value: unknown): number =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).length : 0;

/** `within`: the name as it is in the text, with quotes. */
function countNames(json: string, within: string | null): number {
  let names = 0;
  let depth = 0;
  let stringAt = 0;
  let isWithin = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      stringAt = at;
      at = endOfString(json, at);
    } else if (code === COLON) {
      if (depth === 1) isWithin = within !== null && json.startsWith(within, stringAt);
      if (depth === 1 || (depth === 2 && isWithin)) names++;
    } else if (code === OBJECT_OPENS || code === ARRAY_OPENS) depth++;
    else if (code === OBJECT_CLOSES || code === ARRAY_CLOSES) depth--;
  }
  return names;
}

/** The position of the quote that ends the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at > 0; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (json.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return json.length;
}

function searchDuplicate(json: string, within: string | undefined): string | null {
  const seen: Set<string>[] = [];
  let [text, field] = ['', ''];
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') seen.push(new Set());
    else if (token === '}' || token === ']') seen.pop();
    else if (token !== ':') text = token;
    else if (seen.length === 1 || (seen.length === 2 && field === within)) {
      const name = JSON.parse(text) as string;
      const names = seen.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
      if (seen.length === 1) field = name;
    }
  }
  return null;
}

/**
 * Text from users (types, names, error messages, results) may hold characters that move a terminal's cursor, change its
 * colours, forge a line or reorder the text. People see these characters escaped, as JSON escapes them.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` with every control character escaped but line feeds and tabs: for text of several lines. */
export function escapeControls(text: string): string {
  return UNSAFE.test(text)
    ? text.replace(EVERY_UNSAFE, (one) => (one === '\n' || one === '\t' ? one : escaped(one)))
    : text;
}

/** `text` as one line: line feeds and tabs are escaped too. */
export function inOneLine(text: string): string {
  return UNSAFE.test(text) ? text.replace(EVERY_UNSAFE, escaped) : text;
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

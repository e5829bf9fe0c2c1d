/**
 * Hashes of texts and numbers, 32 bits, the same in every process and release: what is spread by them must stay where it is.
 * They are no protection against anybody who chooses the texts.
 */

/** FNV-1a over UTF-16 code units. Quick, and alike texts have alike high bits: `mixed` spreads them. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The last step of MurmurHash3: neighbouring numbers lie far apart. */
export function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Well mixed. */
export const hash = (text: string): number => mixed(fnv1a(text));

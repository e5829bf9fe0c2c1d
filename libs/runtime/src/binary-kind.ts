/** First bytes of the binary files that people pass by mistake in place of text, as `file` knows them. */
const KINDS: readonly [kind: string, bytes: readonly number[]][] = [
  ['a gzip file', [0x1f, 0x8b]],
  ['a zstd file', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['a zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
];

/** The kind of a binary file by its first bytes (a few suffice), such as `a gzip file`. `null`: unknown. Pure. */
export function binaryKind(head: Uint8Array): string | null {
  const found = KINDS.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  return found?.[0] ?? null;
}

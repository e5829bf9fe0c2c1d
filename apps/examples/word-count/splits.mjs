/**
 * Cuts large files of lines into pieces that workers read on their own. A split is a range of bytes; the lines that *begin*
 * in it belong to it, so each line belongs to exactly one split, wherever the cuts are.
 */

const NEWLINE = 10;

/** The splits of all files of a source, of about `bytes` each. */
export async function* splitsOf(source, bytes) {
  for await (const { name, bytes: size } of source.list())
    for (let from = 0; from < size; from += bytes) yield { name, from, to: Math.min(from + bytes, size) };
}

/** The bytes of the lines that begin in the split, with their ends. Throws when the file ends before the split does. */
export async function* bytesOf(source, { name, from, to }) {
  // A line begins at `from` exactly where the byte before it ends another line.
  let at = Math.max(0, from - 1);
  let begins = from === 0;
  for await (const chunk of source.read(name, at)) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let start = 0;
    if (!begins) {
      const newline = bytes.indexOf(NEWLINE);
      if (newline < 0 ? at + bytes.length >= to : at + newline + 1 >= to) return;
      if (newline >= 0) {
        begins = true;
        start = newline + 1;
      } else start = bytes.length;
    }
    const last = Math.max(start, to - 1 - at);
    const end = last < bytes.length ? bytes.indexOf(NEWLINE, last) : -1;
    if (end >= 0) {
      yield bytes.subarray(start, end + 1);
      return;
    }
    if (start < bytes.length) yield bytes.subarray(start);
    at += bytes.length;
  }
  // Somebody has cut it since it was listed: a count of what is left would be of neither file.
  if (at < to) throw new Error(`${name} ends at byte ${at}, and had ${to} or more when it was listed`);
}

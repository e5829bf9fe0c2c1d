import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Text whose words are as frequent as in languages (Zipf), always the same. */
export async function* text(bytes) {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let written = 0; written < bytes;) {
    let piece = '';
    while (piece.length < 65_536) {
      const word = Math.floor(200_000 ** random()).toString(36);
      piece += word + (random() < 0.1 ? '\n' : ' ');
    }
    const part = piece.slice(0, bytes - written);
    written += part.length;
    yield part;
  }
}

/** node make-text.mjs FILE MEBIBYTES */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, mebibytes] = process.argv.slice(2);
  if (file === undefined || !(Number(mebibytes) > 0)) {
    console.error('usage: node make-text.mjs FILE MEBIBYTES');
    process.exit(2);
  }
  await pipeline(text(Number(mebibytes) * 1024 * 1024), createWriteStream(file));
}

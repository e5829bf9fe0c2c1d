import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import TinyQueue from 'tinyqueue';

/** Tables of words and their counts, in files, sorted by the bytes of the words: one `word<TAB>count` a line. */

/**
 * Writes a table whole or not at all: two attempts of one task that run beside each other, because the first was taken for dead, do not
 * mix. `attempt` is a name that no other attempt has.
 */
export async function writeTable(file, attempt, rows) {
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${attempt}`;
  let [words, distinct] = [0, 0];
  async function* lines() {
    let text = '';
    for await (const [word, count] of rows) {
      words += count;
      distinct++;
      text += `${word}\t${count}\n`;
      if (text.length > 65_536) {
        yield Buffer.from(text, 'latin1');
        text = '';
      }
    }
    yield Buffer.from(text, 'latin1');
  }
  await pipeline(lines, createWriteStream(unfinished));
  await rename(unfinished, file);
  return { file, words, distinct };
}

async function* readTable(file) {
  for await (const line of createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Infinity })) {
    const tab = line.lastIndexOf('\t');
    yield [line.slice(0, tab), Number(line.slice(tab + 1))];
  }
}

/** The rows of all tables together: a merge, so it needs no memory for them. */
export async function* mergeTables(files) {
  const heads = new TinyQueue([], (a, b) => (a.row[0] < b.row[0] ? -1 : a.row[0] > b.row[0] ? 1 : 0));
  const take = async (rows) => {
    const { value, done } = await rows.next();
    if (!done) heads.push({ row: value, rows });
  };
  for (const file of files) await take(readTable(file));
  let current = null;
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    const [word, count] = head.row;
    if (current?.[0] === word) current[1] += count;
    else {
      if (current !== null) yield current;
      current = [word, count];
    }
    await take(head.rows);
  }
  if (current !== null) yield current;
}

import { readFile } from 'node:fs/promises';
import test from 'ava';
import { withOptionTables } from './lib/option-tables.mjs';

/** Prettier pads the columns. */
const unpadded = (text) =>
  text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---').replaceAll('| --- | --- |', '|---|---|');

test('the tables of options in the documents say what the tables of core say', async (t) => {
  const text = unpadded(await readFile(new URL('../libs/client/README.md', import.meta.url), 'utf8'));
  t.is(unpadded(withOptionTables(text)), text, 'run: node tools/option-tables.mjs');
});

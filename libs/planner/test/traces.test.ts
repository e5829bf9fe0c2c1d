import { readdir, readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { replay } from './trace.js';

const FOLDER = new URL('../../traces/', import.meta.url);

for (const name of (await readdir(FOLDER)).filter((each) => each.endsWith('.txt')))
  test(`the planner decides as traces/${name} says (else: look, and DROVER_UPDATE_TRACES=1 npx ava)`, async (t) => {
    const file = new URL(name, FOLDER);
    const text = await readFile(file, 'utf8');
    const replayed = replay(text);
    if (process.env.DROVER_UPDATE_TRACES === '1') await writeFile(file, replayed);
    else t.is(replayed, text);
    t.regex(text, /^# /, 'it begins with the rule that it shows');
  });

import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';

const folder = new URL('../../docs/adr/', import.meta.url);

test('docs/adr/README.md lists every decision under its title, and no number is used twice or left out', async (t) => {
  const index = await readFile(new URL('README.md', folder), 'utf8');
  const pages = (await readdir(folder)).filter((name) => name !== 'README.md').sort();
  for (const [i, page] of pages.entries()) {
    const [, number, title] = /^# (\d+)\. (.+)\n/.exec(await readFile(new URL(page, folder), 'utf8')) ?? [];
    t.is(Number(number), i + 1, page);
    t.is(Number(page.slice(0, 4)), i + 1, page);
    t.true(index.includes(`[${title}](${page})`), `${page} is not in the index as '${title}'`);
  }
  t.is(index.match(/^\| \d+ /gm)?.length, pages.length);
});

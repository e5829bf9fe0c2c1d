import { readFile } from 'node:fs/promises';
import test from 'ava';
import { CHECKS } from './checks.js';
import { doctorDocument } from './document.js';

test('every link leads to a document of the repository; docs/doctor.md is as generated', async (t) => {
  const at = (path: string): URL => new URL(`../../../../../${path}`, import.meta.url);
  for (const { code, link } of CHECKS) {
    const [path = '', anchor] = link.split('#');
    const text = await readFile(at(path), 'utf8');
    const heads = [...text.matchAll(/^#+ (.*)$/gm)].map(([, head = '']) =>
      head
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    if (anchor !== undefined) t.true(heads.includes(anchor), `${code}: ${link}`);
  }
  const flat = (text: string): string => text.replace(/[\s|-]+/g, ' ');
  t.is(flat(await readFile(at('docs/doctor.md'), 'utf8')), flat(doctorDocument()), 'run node tools/doctor.mjs');
});

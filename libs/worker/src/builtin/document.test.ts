import { readFile } from 'node:fs/promises';
import test from 'ava';
import { BUILT_IN_TYPES } from './built-in-types.js';
import { builtInTypesDocument } from './document.js';

test('docs/built-in-types.md is what the schemas say (else: node tools/built-in-types.mjs)', async (t) => {
  const path = new URL('../../../../../docs/built-in-types.md', import.meta.url);
  t.is(await readFile(path, 'utf8'), builtInTypesDocument());
});

test('every built-in type has a section', (t) => {
  const sections = [...builtInTypesDocument().matchAll(/^## `([^`]+)`$/gm)].map(([, type]) => type);
  t.deepEqual(sections.sort(), [...BUILT_IN_TYPES].sort());
});

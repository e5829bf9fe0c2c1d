import { readFile } from 'node:fs/promises';
import { FILTER_FIELD_NAMES, parseFilter } from '@drover/core';
import test from 'ava';
import { FILTER_OPTIONS, filterOf } from './filter-options.js';

test('the document of filters names every field, and its examples are filters', async (t) => {
  const document = await readFile(new URL('../../../../docs/filters.md', import.meta.url), 'utf8');
  for (const field of FILTER_FIELD_NAMES) t.regex(document, new RegExp(`^\\| \`${field}:\` +\\|`, 'm'), field);
  const examples = [...document.matchAll(/^drover (?:ls|cancel|retry) (.*?)(?: --.*)?$/gm)].map(
    ([, text]) => text ?? '',
  );
  t.is(examples.length, 3);
  for (const example of examples) t.true(parseFilter(example).length > 1, example);
});

test('options and terms make one filter; every field but the id, which is an argument, has an option', (t) => {
  t.deepEqual(
    Object.keys(FILTER_OPTIONS).sort(),
    [...FILTER_FIELD_NAMES.filter((name) => name !== 'id'), 'filter'].sort(),
  );
  const args = { state: 'failed,pending', error: 'no such file, or so', filter: '-queue:a', key: 'a b' };
  t.is(
    filterOf(args, ['type:x*', 'since:1h']),
    'type:x* since:1h -queue:a state:failed,pending key:"a b" error:"no such file, or so"',
  );
  t.is(filterOf({}, []), '');
});

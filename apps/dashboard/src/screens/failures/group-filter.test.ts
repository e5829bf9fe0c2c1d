import test from 'ava';
import { parseFilter } from '@drover/core';
import { entriesOfGroup, filterOfGroup, longestFixedPart } from './group-filter.js';

test('the filter of a group looks for the longest part of its message that is always the same', (t) => {
  const group = { type: 'image:resize', error: 'TypeError', message: 'cannot read <n> bytes of the picture <id>' };
  t.is(filterOfGroup(group), 'state:failed type:image:resize error:"bytes of the picture"');
  t.is(entriesOfGroup(group), 'type:image:resize error:"bytes of the picture"');
});

test('a message of nothing but replacements leaves the name of the error', (t) => {
  t.is(filterOfGroup({ type: 'a', error: 'Error', message: '<n> <id>' }), 'state:failed type:a error:Error');
});

test('quotes, commas and stars of a message make a filter that is understood', (t) => {
  const filter = filterOfGroup({ type: 'a', error: 'E', message: 'no "x\\y", none' });
  t.is(filter, 'state:failed type:a error:"no \\"x\\\\y\\", none"');
  t.deepEqual(parseFilter(filter)[2]?.values, [{ text: 'no "x\\y", none', prefix: false }]);
});

test('the longest part that is always the same', (t) => {
  t.is(longestFixedPart('a <n> longer'), 'longer');
  t.is(longestFixedPart('<id> cut off...'), 'cut off');
  t.is(longestFixedPart(''), '');
});

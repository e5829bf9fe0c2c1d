import test from 'ava';
import { faultOf } from './json-fault.js';

test('JSON and nothing have no fault', (t) => {
  t.is(faultOf('{"a": [1, null]}'), null);
  t.is(faultOf('  '), null);
});

test('a fault has its line and column', (t) => {
  t.deepEqual(faultOf('{\n  "a": 1,\n  b: 2\n}'), { line: 3, column: 3, text: "'b' does not belong here" });
  t.deepEqual(faultOf('{ "to": }'), { line: 1, column: 9, text: "'}' does not belong here" });
  t.deepEqual(faultOf('[1, 2]]'), { line: 1, column: 7, text: "']' does not belong here" });
  t.deepEqual(faultOf("{'a': 1}"), { line: 1, column: 2, text: "''' does not belong here" });
  t.deepEqual(faultOf('tru'), { line: 1, column: 4, text: 'it ends too early: something is not closed' });
});

test('a number that JavaScript cannot hold is a fault', (t) => {
  const text = '9007199254740993 would be read as 9007199254740992; write it as text, in double quotes';
  t.deepEqual(faultOf('{\n  "n": 9007199254740993\n}'), { line: 2, column: 8, text });
  t.is(faultOf('{"n": "9007199254740993"}'), null);
});

test('a text that ends too early says so', (t) => {
  for (const text of ['{"a": 1', '{', '{"a', '[1,', '-']) t.regex(faultOf(text)?.text ?? '', /not closed/, text);
});

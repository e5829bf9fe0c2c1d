import test from 'ava';
import fc from 'fast-check';
import { escapeControls, inOneLine } from './printable.js';

test('escape sequences, carriage returns, C1 and direction marks are shown, not sent', (t) => {
  const cases: [string, string][] = [
    ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['done\r\nforged', 'done\\r\nforged'],
    ['\u009b2J', '\\u009b2J'],
    ['abc\u202egpj.exe', 'abc\\u202egpj.exe'],
    ['\u2066x\u2069 \u200f', '\\u2066x\\u2069 \\u200f'],
    ['\u0007\u0000\u007f', '\\u0007\\u0000\\u007f'],
    ['\ud800 alone', '\\ud800 alone'],
    ['plain text, ünïcode, 日本, 👩‍🚀', 'plain text, ünïcode, 日本, 👩‍🚀'],
  ];
  for (const [given, shown] of cases) t.is(escapeControls(given), shown);
  t.is(inOneLine('a\n\tb'), 'a\\n\\tb');
});

test('whatever the text, no control character is left in one line', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(fc.property(text, (given) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(inOneLine(given))));
  fc.assert(fc.property(text, (given) => !/(?![\n\t])\p{Cc}/u.test(escapeControls(given))));
  t.pass();
});

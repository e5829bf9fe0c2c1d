import test from 'ava';
import { pauseBeforeTerm, shortTermsAfter } from './pause.decide.js';

test('one short term costs nothing, ever more of them cost ever more, up to a bound', (t) => {
  const pauses = Array.from({ length: 20 }, (_, shortTerms) => pauseBeforeTerm(shortTerms));
  t.deepEqual(pauses.slice(0, 4), [0, 0, 100, 200]);
  t.true(pauses.every((pause, i) => pause >= (pauses[i - 1] ?? 0)));
  t.is(pauses.at(-1), 5_000);
});

test('a term that lived makes up for the short ones before it', (t) => {
  t.is(shortTermsAfter(7, 60_000), 0);
  t.is(shortTermsAfter(7, 100), 8);
});

import test from 'ava';
import { completionsOf, faultOf, guessFilter } from './complete.decide.js';

const KNOWN = { queue: ['images', 'mail'], type: ['image:resize', 'echo'], worker: ['w1'] };
const labels = (text: string): string[] => completionsOf(text, KNOWN).map(({ label }) => label);

test('fields are completed first, then values of the field', (t) => {
  t.true(labels('').includes('state:'));
  t.deepEqual(labels('qu'), ['queue:']);
  t.deepEqual(labels('queue:'), ['queue:images', 'queue:mail']);
  t.deepEqual(labels('state:fa'), ['state:failed']);
  t.deepEqual(labels('type:image'), ['type:image:resize']);
});

test('a completion keeps what is before it, and its alternatives', (t) => {
  t.deepEqual(completionsOf('queue:mail -state:succeeded,fa', KNOWN), [
    { label: 'state:failed', filter: 'queue:mail -state:succeeded,failed ' },
  ]);
});

test('a fault has its position', (t) => {
  t.is(faultOf('state:failed queue:a'), null);
  t.is(faultOf('state:failed color:red')?.position, 13);
});

test('a word without a field is taken for what it looks like', (t) => {
  t.is(guessFilter('01K4M9V7Q2XW3E5R6T8Y0Z1A2B.3', KNOWN), 'id:01K4M9V7Q2XW3E5R6T8Y0Z1A2B.3');
  t.is(guessFilter('failed', KNOWN), 'state:failed');
  t.is(guessFilter('mail', KNOWN), 'queue:mail');
  t.is(guessFilter('something', KNOWN), null);
  t.is(guessFilter('two words', KNOWN), null);
});

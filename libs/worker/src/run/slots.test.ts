import test from 'ava';
import { Slots } from './slots.js';

test('whoever waits for a slot is told when there is one again, and only then', (t) => {
  const slots = new Slots(2);
  let told = 0;
  slots.onFree = () => told++;
  slots.take('t');
  t.false(slots.isFull);
  slots.giveBack('t');
  t.is(told, 0);
  slots.take('t');
  slots.take('t');
  t.true(slots.isFull);
  slots.giveBack('t');
  t.is(told, 1);
  t.false(slots.isFull);
});

test('a type with a limit of its own is full by itself, and its end is told although slots are free', (t) => {
  const slots = new Slots(4);
  slots.limits = new Map([['ocr', 2]]);
  let told = 0;
  slots.onFree = () => told++;
  slots.take('ocr');
  slots.take('ocr');
  slots.take('other');
  t.deepEqual([slots.isFull, slots.isFullOf('ocr'), slots.isFullOf('other')], [false, true, false]);
  slots.giveBack('other');
  t.is(told, 0);
  slots.giveBack('ocr');
  t.is(told, 1);
  t.false(slots.isFullOf('ocr'));
});

import test from 'ava';
import { Slots } from './slots.js';

test('whoever waits for a slot is told when there is one again, and only then', (t) => {
  const slots = new Slots(2);
  let told = 0;
  slots.onFree = () => told++;
  slots.take();
  t.false(slots.isFull);
  slots.giveBack();
  t.is(told, 0);
  slots.take();
  slots.take();
  t.true(slots.isFull);
  slots.giveBack();
  t.is(told, 1);
  t.false(slots.isFull);
});

import test from 'ava';
import { Changes, Told } from './index.js';

test('a question is asked again at every change, until the answer is something', async (t) => {
  const changes = new Changes();
  const answers = [null, undefined, false, 0];
  const answer = changes.until(() => {
    queueMicrotask(changes.wake);
    return answers.shift();
  });
  t.is(await answer, 0);
});

test('a change while the question is being answered is not missed', async (t) => {
  const changes = new Changes();
  let there = false;
  const answer = await changes.until(async () => {
    const was = there;
    there = true;
    changes.wake();
    return was;
  });
  t.true(answer);
});

test('what was told before is found as well as what comes later', async (t) => {
  const told = new Told<number>();
  told.tell(1);
  t.is(await told.first(), 1);
  const even = told.first((n) => n % 2 === 0);
  for (const n of [3, 4, 6]) told.tell(n);
  t.is(await even, 4);
});

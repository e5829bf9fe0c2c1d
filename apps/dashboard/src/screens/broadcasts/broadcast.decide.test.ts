import test from 'ava';
import { forWhom, standingOf } from './broadcast.decide.js';

const counts = { workers: 12, waiting: 1, succeeded: 10, failed: 0, cancelled: 1 };
const closed = { at: 0, why: 'over' } as const;

test('a broadcast says first how many workers it has reached, and whether others join it', (t) => {
  t.like(standingOf({ state: 'open', closed: null, counts }), {
    tone: 'info',
    text: 'It has reached 12 workers: 10 succeeded, 1 cancelled, 1 has not ended. Workers that join get it, too.',
  });
  const one = { workers: 1, waiting: 0, succeeded: 1, failed: 0, cancelled: 0 };
  t.like(standingOf({ state: 'finished', closed, counts: one }), {
    tone: 'ok',
    text: 'It has reached 1 worker: 1 succeeded. Nobody joins it any more.',
  });
  const none = { workers: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
  t.regex(standingOf({ state: 'open', closed: null, counts: none }).text, /reached no worker/);
});

test('failures stand before anything else; a newer one and a cancel are told', (t) => {
  t.is(standingOf({ state: 'open', closed: null, counts: { ...counts, failed: 2 } }).tone, 'bad');
  const why = (word: 'superseded' | 'cancelled') =>
    standingOf({ state: 'closed', closed: { at: 0, why: word }, counts }).text;
  t.regex(why('superseded'), /newer one of the same key/);
  t.regex(why('cancelled'), /was cancelled/);
});

test('it says whom it is for', (t) => {
  const given = { type: 'flush', where: {}, skipDraining: false };
  t.is(forWhom(given), 'each worker that offers flush');
  t.is(
    forWhom({ ...given, where: { zone: 'a', disk: 'ssd' }, skipDraining: true }),
    'each worker with zone=a, disk=ssd, unless it drains',
  );
});

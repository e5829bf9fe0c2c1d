import test from 'ava';
import { asLines, lineOf, MOST_KEPT, partsOf, withEvent, type Seen } from './event-line.js';

const seen = (key: number): Seen => ({ key, id: `7.${key}`, topic: 'failures', at: key, data: { dropped: key } });

test('only so many events are kept, the newest first', (t) => {
  let all: Seen[] = [];
  for (let key = 0; key < MOST_KEPT + 10; key++) all = withEvent(all, seen(key));
  t.is(all.length, MOST_KEPT);
  t.is(all[0]?.key, MOST_KEPT + 9);
});

test('lines of the topics', (t) => {
  const failure = { task: 't.1', type: 'echo', final: false, error: { name: 'Error', message: 'no' } };
  t.is(lineOf({ topic: 'failures', data: failure }), 't.1 (echo) failed, is tried again: Error: no');
  t.is(lineOf({ topic: 'failures', data: { dropped: 12 } }), '12 failures more than the stream carries');
  const audit = { who: 'ada', action: 'pauseQueue', object: 'mail', reason: 'down', ok: false, code: 'forbidden' };
  t.is(lineOf({ topic: 'audit', data: audit }), 'ada pauseQueue mail: down, refused (forbidden)');
  t.is(lineOf({ topic: 'workers', data: { a: 1 } }), '{"a":1}');
  t.is(lineOf({ topic: 'task:t.1', data: { state: 'running' } }), 't.1 is running');
});

test('each failure of an event is a part, and what was left out is one more', (t) => {
  t.deepEqual(partsOf('failures', { items: [1, 2], dropped: 3 }), [1, 2, { dropped: 3 }]);
  t.deepEqual(partsOf('failures', { items: [1], dropped: 0 }), [1]);
  t.deepEqual(partsOf('queues', { changed: [] }), [{ changed: [] }]);
});

test('changes of members and queues are told in words', (t) => {
  t.is(lineOf({ topic: 'workers', data: { changed: true } }), 'A worker joined, left or changed');
  t.is(lineOf({ topic: 'queues', data: { changed: ['mail', 'images'], more: 2 } }), 'mail, images and 2 more changed');
});

test('exported lines are in the order in which they happened', (t) => {
  t.deepEqual(
    asLines([seen(2), seen(1)])
      .split('\n')
      .map((line) => line.slice(0, 11)),
    ['{"id":"7.1"', '{"id":"7.2"', ''],
  );
});

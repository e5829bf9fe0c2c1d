import test from 'ava';
import { cancelled, check, defined, end, fault, ran, start, submit, type Lines } from '../../test/lines.js';
import type { Operation } from '../history.js';

const settings = { sessionTimeoutMs: 1_000, tickMs: 100, handOutMs: 50 };
const judge = (name: string) => (lines: Lines) => check(name, { faults: [], ...lines }, settings);
const concurrency = judge('limits of concurrency hold');
const rate = judge('limits of rates hold');
const sequence = judge('sequences run in order');

const under = (task: string, more: Partial<Operation> = {}) => submit(0, { task, limits: ['gpu/a'], ...more });
const names = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
const two = defined(0, { limit: 'gpu', concurrency: 2 });

test('as many as a limit allows run at a time, for each key by itself', async (t) => {
  const operations = names(4).flatMap((task) => under(task, task === 't3' ? { limits: ['gpu/b'] } : {}));
  const effects = [...ran('t0', 10, 100), ...ran('t1', 20, 100), ...ran('t2', 101, 200), ...ran('t3', 30, 90)];
  t.is((await concurrency({ operations, effects, definitions: two })).verdict, 'held');
  t.is((await concurrency({ operations, effects })).reason, 'needs --definitions');
});

test('one too many is broken, also after the leader was killed', async (t) => {
  const lines = { operations: names(3).flatMap((task) => under(task)), definitions: two };
  const effects = [...ran('t0', 10, 100), ...ran('t1', 20, 100), ...ran('t2', 90, 200)];
  const faults = fault(1, 30, 80, { workers: [], leader: 'killed', role: 'scheduler' });
  t.is(
    (await concurrency({ ...lines, effects, faults })).first?.what,
    'limit gpu/a: 3 attempts ran at a time, it allows 2',
  );
});

test('an attempt that is over for Drover holds no slot: cut off, timed out, cancelled, begun anew', async (t) => {
  const effects = [
    start(10, 1, { task: 't0', token: 1 }),
    ...ran('t1', 20, 300, { worker: 'w2' }),
    ...ran('t2', 200, 300, { worker: 'w2' }),
  ];
  const of = (more: Partial<Operation> = {}) => names(3).flatMap((task) => under(task, task === 't0' ? more : {}));
  const lines = { operations: of(), effects, definitions: two };
  t.is((await concurrency(lines)).verdict, 'broken');
  t.is((await concurrency({ ...lines, faults: fault(1, 100, 110, { workers: ['w1'] }) })).verdict, 'held');
  t.is((await concurrency({ ...lines, faults: fault(1, 100, 110, { workers: ['w3'] }) })).verdict, 'broken');
  t.is((await concurrency({ ...lines, operations: of({ timeoutMs: 100 }) })).verdict, 'held');
  t.is((await concurrency({ ...lines, operations: [...of(), { ...cancelled(150), task: 't0' }] })).verdict, 'held');
  const anew = [start(180, 2, { task: 't0', token: 180 }), end(190, 2, { task: 't0', token: 180 })];
  t.is((await concurrency({ ...lines, effects: [...effects, ...anew] })).verdict, 'held');
});

test('a limit that is lowered takes nothing back, and while it changes either may be in force', async (t) => {
  const operations = names(3).flatMap((task) => under(task));
  const effects = [...ran('t0', 10, 300), ...ran('t1', 20, 300), ...ran('t2', 200, 300)];
  const to = (at: number, limit: number) => defined(at, { limit: 'gpu', concurrency: limit });
  t.is((await concurrency({ operations, effects, definitions: [...to(0, 3), ...to(190, 2)] })).verdict, 'held');
  t.is((await concurrency({ operations, effects, definitions: [...to(0, 3), ...to(140, 2)] })).verdict, 'broken');
});

const ten = defined(0, { limit: 'gpu', rate: { limit: 10, periodMs: 1_000, burst: 5 } });
/** Starts at these times, a task each. */
const startsAt = (times: readonly number[]): Lines => ({
  operations: times.flatMap((_, n) => under(`t${n}`)),
  effects: times.flatMap((at, n) => ran(`t${n}`, at, at + 1)),
  definitions: ten,
});

test('a burst and then one each period over the rate hold; one that comes earlier is broken', async (t) => {
  const good = [0, 0, 0, 0, 0, 100, 200, 300, 350, 450].map((at) => 1_000 + at);
  t.is((await rate(startsAt(good))).verdict, 'held');
  t.is(
    (await rate(startsAt([...good, 1_499]))).first?.what,
    'limit gpu/a: t10 began 51 ms earlier than 10 in 1000 ms and a burst of 5 allow',
  );
});

test('starts that a fault of their worker held up are in no window', async (t) => {
  const late = startsAt(Array.from({ length: 20 }, () => 1_000));
  t.is((await rate(late)).verdict, 'broken');
  t.is((await rate({ ...late, faults: fault(1, 500, 990, { workers: ['w1'] }) })).verdict, 'not checked');
  t.is((await rate({ ...late, faults: fault(1, 500, 990, { workers: [], leader: 'killed' }) })).verdict, 'broken');
});

const inSequence = (task: string, at: number, more: Partial<Operation> = {}) =>
  submit(at, { task, sequence: 's', zxid: at, ...more });

test('a sequence runs in the order of its submits, one after the other', async (t) => {
  const operations = names(3).flatMap((task, n) => inSequence(task, n));
  t.is(
    (await sequence({ operations, effects: [...ran('t0', 10, 20), ...ran('t1', 21, 30), ...ran('t2', 31, 40)] }))
      .verdict,
    'held',
  );
  const swapped = [...ran('t0', 10, 20), ...ran('t2', 21, 30), ...ran('t1', 31, 40)];
  t.is(
    (await sequence({ operations, effects: swapped })).first?.what,
    'sequence default/s: t1 was submitted before t2, and began after it',
  );
  const beside = [...ran('t0', 10, 25), ...ran('t1', 21, 30)];
  t.is(
    (await sequence({ operations, effects: beside })).first?.what,
    'sequence default/s: t1 began before t0 had ended',
  );
});

test('behind a failed task nothing begins where it blocks, until somebody cancels it', async (t) => {
  const failed: Operation = { at: 30, type: 'ok', op: 'result', task: 't0', outcome: 'failed' };
  const operations = [...names(2).flatMap((task, n) => inSequence(task, n, { onFailure: 'block' })), failed];
  const effects = [...ran('t0', 10, 20), ...ran('t1', 40, 50)];
  t.is(
    (await sequence({ operations, effects })).first?.what,
    'sequence default/s: t1 began behind t0, which failed and blocks',
  );
  t.is((await sequence({ operations: [...operations, { ...cancelled(35), task: 't0' }], effects })).verdict, 'held');
  const going = operations.map(({ onFailure: _, ...line }) => line);
  t.is((await sequence({ operations: going, effects })).verdict, 'held');
});

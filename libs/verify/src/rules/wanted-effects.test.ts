import test from 'ava';
import { cancelled, check, fault, start, submit, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('no unwanted effect', lines, { cancelBoundMs: 100 });
const [invoke] = submit(0);
const failed = { ...invoke, at: 1, type: 'fail' };

test('what was submitted may begin, also when the answer was lost or is not there yet', async (t) => {
  t.is((await judge({ operations: submit(0), effects: [start(5)] })).verdict, 'held');
  t.is((await judge({ operations: [invoke], effects: [start(0)] })).verdict, 'held');
  t.is((await judge({ operations: [{ ...invoke, at: 9, type: 'info' }], effects: [start(9)] })).verdict, 'held');
});

test('what was refused and then submitted may begin', async (t) => {
  t.is((await judge({ operations: [invoke, failed, ...submit(2)], effects: [start(5)] })).verdict, 'held');
});

test('what nobody submitted, or what was surely refused, must not begin', async (t) => {
  t.is((await judge({ effects: [start(5)] })).first?.what, 'it began, and nobody submitted it');
  t.is((await judge({ operations: [invoke, failed], effects: [start(5)] })).verdict, 'broken');
});

test('nothing begins before it was submitted', async (t) => {
  const { first } = await judge({ operations: submit(10), effects: [start(9)] });
  t.is(first?.what, 'it began before it was submitted');
});

test('after a cancel was acknowledged an attempt may begin within the bound, and not later', async (t) => {
  const operations = [...submit(0), cancelled(50)];
  t.is((await judge({ operations, effects: [start(150)], faults: [] })).verdict, 'held');
  const { first } = await judge({ operations, effects: [start(151)], faults: [] });
  t.is(first?.what, 'it began 101 ms after its cancel, the bound is 100 ms');
});

test('a worker that was stopped for long may not know of the cancel when it goes on', async (t) => {
  const operations = [...submit(0), cancelled(50)];
  const judged = await judge({ operations, effects: [start(900)], faults: fault(1, 40, 899, { workers: ['w1'] }) });
  t.is(judged.verdict, 'held');
});

test('without a bound it is the session timeout', async (t) => {
  const lines = { operations: [...submit(0), cancelled(50)], effects: [start(2_051)], faults: [] };
  const verdictWith = async (sessionTimeoutMs: number) =>
    (await check('no unwanted effect', lines, { sessionTimeoutMs })).verdict;
  t.is(await verdictWith(2_000), 'broken');
  t.is(await verdictWith(2_001), 'held');
});

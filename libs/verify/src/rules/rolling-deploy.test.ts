import test from 'ava';
import { check, end, fault, start, submit, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('orderly deploys cost nothing', lines, { sessionTimeoutMs: 1_000 });
const deploy = fault(1, 10_000, 20_000, { fault: 'rolling deploy', orderly: true });
const late = { operations: submit(12_000), effects: [start(14_002)] };
const twice = { operations: submit(12_000), effects: [start(12_010), start(12_500, 2)] };

test('a task that begins at once and once holds', async (t) => {
  const lines = { operations: submit(12_000), effects: [start(14_001), end(14_100)], faults: deploy };
  const { verdict, checked } = await judge(lines);
  t.deepEqual({ verdict, checked }, { verdict: 'held', checked: 1 });
});

test('a task that waits for longer is broken', async (t) => {
  const { first } = await judge({ ...late, faults: deploy });
  t.is(first?.what, 'it waited 2001 ms during an orderly stop; without one none waits longer than 0 ms');
});

test('what tasks wait without a deploy is not its fault', async (t) => {
  const calm = { operations: submit(1_000, { task: 'calm' }), effects: [start(1_002, 1, { task: 'calm' })] };
  const operations = [...late.operations, ...calm.operations];
  t.is((await judge({ operations, effects: [...late.effects, ...calm.effects], faults: deploy })).verdict, 'held');
  // During a fault they wait for other reasons.
  const faults = [...deploy, ...fault(2, 1_000, 1_500)];
  t.is((await judge({ operations, effects: [...late.effects, ...calm.effects], faults })).verdict, 'broken');
});

test('what was submitted with a delay waits for it', async (t) => {
  t.is((await judge({ ...late, operations: submit(12_000, { delayMs: 1_000 }), faults: deploy })).verdict, 'held');
});

test('a task that began before and waits for its end concerns it; one that was over does not', async (t) => {
  const running = [start(9_000), end(11_000)];
  t.is((await judge({ effects: running, faults: deploy })).verdict, 'held');
  t.is((await judge({ effects: [start(9_000), end(9_999)], faults: deploy })).verdict, 'not checked');
});

test('a task that runs twice is broken, unless its handler had failed', async (t) => {
  const { first } = await judge({ ...twice, faults: deploy });
  t.is(first?.what, 'attempt 2 began during an orderly stop, after attempt 1');
  const failed = end(12_300, 1, { outcome: 'failed' });
  t.is((await judge({ ...twice, effects: [...twice.effects, failed], faults: deploy })).verdict, 'held');
});

test('where another fault was underway, or the backlog of one, nothing is said', async (t) => {
  for (const other of [fault(2, 12_005, 12_400), fault(2, 4_000, 7_000), fault(2, 11_000, 11_500, { workers: [] })])
    for (const lines of [late, twice])
      t.is((await judge({ ...lines, faults: [...deploy, ...other] })).verdict, 'not checked');
});

test('what is done to clients is not felt by tasks', async (t) => {
  const faults = [...deploy, ...fault(2, 11_000, 12_400, { role: 'client', workers: [] })];
  for (const lines of [late, twice]) t.is((await judge({ ...lines, faults })).verdict, 'broken');
});

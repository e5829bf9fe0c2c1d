import test from 'ava';
import { stepOfTask } from './step-of-task.js';

const FLOW = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';

test('a task of a batch of steps is a step of a run, or an item of one', (t) => {
  const of = [
    { flow: FLOW, plan: 'p', step: 'list', runs: [3, 5] as [number, number] },
    {
      flow: FLOW,
      plan: 'p',
      step: 'parse',
      gen: 2,
      runs: [7, 8] as [number, number],
      items: [10, 12] as [number, number],
    },
  ];
  t.deepEqual(
    [0, 1, 2, 3, 4].map((index) => stepOfTask({ of }, index)),
    [
      { run: `${FLOW}.3`, step: 'list', generation: 0 },
      { run: `${FLOW}.4`, step: 'list', generation: 0 },
      { run: `${FLOW}.7`, step: 'parse', index: 10, generation: 2 },
      { run: `${FLOW}.7`, step: 'parse', index: 11, generation: 2 },
      undefined,
    ],
  );
});

test('a task of a draft is an item of its map; another task is no step', (t) => {
  const draft = { flow: FLOW, run: 1, step: 'parse', from: 500 };
  t.deepEqual(stepOfTask({ draft }, 3), { run: `${FLOW}.1`, step: 'parse', index: 503, generation: 0 });
  t.is(stepOfTask({}, 0), undefined);
});

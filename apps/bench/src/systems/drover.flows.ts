import { fileURLToPath } from 'node:url';
import { flow, type Drover, type Flow } from '@drover/client';
import { inBackground, uncaught } from '@drover/runtime';
import { Tally } from '../system.js';
import { expectResult, sumBelow, type FlowSystem } from './flow-system.js';

export const FLOW_HANDLERS = fileURLToPath(new URL('flow.handlers.js', import.meta.url));

/** Each step is given the result of the one before. */
function chainOf(steps: number): Flow<number, number> {
  return flow<number, number>('bench-chain', (f) => {
    let last: typeof f.input = f.input;
    for (let n = 0; n < steps; n++) last = f.step(`s${n}`, 'flow.next', last).result as typeof f.input;
    return last;
  });
}

/** A step, two that follow from it, and one that adds their results. */
const DIAMOND = flow<number, number>('bench-diamond', (f) => {
  const first = f.step('first', 'flow.number', f.input);
  const left = f.step('left', 'flow.number', first.result);
  const right = f.step('right', 'flow.number', first.result);
  return f.step('last', 'flow.add', { results: [left.result, right.result] }).result;
});
export const DIAMOND_STEPS = 4;

export function flowsOf(drover: Drover): Omit<FlowSystem, 'close'> {
  return {
    async chain(steps) {
      const run = await drover.start(chainOf(steps), 0);
      expectResult(`chain ${run.id}`, await run.result(), steps);
    },
    async fan(width) {
      const run = await drover.map('flow.number', numbers(width)).reduce<number>('flow.add').run();
      expectResult(`map ${run.id}`, await run.result(), sumBelow(width));
    },
  };
}

/** Many small runs; resolves when the result of each was read, which is checked. */
export async function diamonds(drover: Drover, runs: number): Promise<void> {
  const tally = new Tally(runs);
  for await (const run of drover.startMany(DIAMOND, numbers(runs)))
    inBackground(
      run.result().then((result) => tally.result(result / 2)),
      uncaught,
    );
  await tally.done;
}

export function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}

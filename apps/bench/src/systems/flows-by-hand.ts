import pg from 'pg';
import { Child } from '../child.js';
import { expectResult, sumBelow, type FlowSystem } from './flow-system.js';
import { JoinTable } from './join-table.js';
import { ResultReader, ResultWriter } from './result-table.js';

/** A task in a chain, the beginning of a fan, one of its tasks, or its join. */
export type HandStep =
  | { kind: 'next'; n: number; of: number }
  | { kind: 'fan'; fan: number; width: number }
  | { kind: 'number'; fan: number; n: number }
  | { kind: 'join'; sum: number };

/** Queues without flows, in the worker: each handler adds the tasks that follow, before it ends. */
export async function handWorker(
  url: string,
  add: (steps: HandStep[]) => Promise<unknown>,
): Promise<(step: HandStep) => Promise<void>> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const joins = await JoinTable.open(pool);
  const results = new ResultWriter(pool);
  return async (step) => {
    switch (step.kind) {
      case 'next':
        if (step.n + 1 === step.of) await results.write(step.of);
        else await add([{ ...step, n: step.n + 1 }]);
        return;
      case 'fan':
        await joins.begin(step.fan, step.width);
        await add(Array.from({ length: step.width }, (_, n) => ({ kind: 'number', fan: step.fan, n })));
        return;
      case 'number': {
        const sum = await joins.ended(step.fan, step.n);
        if (sum !== null) await add([{ kind: 'join', sum }]);
        return;
      }
      case 'join':
        await results.write(step.sum);
    }
  };
}

/** The same, in the process that starts them and reads the results. */
export async function flowsByHand(queue: {
  url: string;
  worker: { script: string; settings: object };
  add(step: HandStep): Promise<unknown>;
  close(): Promise<unknown>;
}): Promise<FlowSystem> {
  const results = await ResultReader.open(queue.url);
  const worker = await Child.start(queue.worker.script, queue.worker.settings);
  let fans = 0;
  const run = async (what: string, step: HandStep, expected: number): Promise<void> => {
    const ended = new Promise<number>((resolve) => (results.onResult = resolve));
    await queue.add(step);
    expectResult(what, await ended, expected);
  };
  return {
    chain: (steps) => run('a chain by hand', { kind: 'next', n: 0, of: steps }, steps),
    fan: (width) => run('a fan by hand', { kind: 'fan', fan: fans++, width }, sumBelow(width)),
    async close() {
      await worker.stop();
      await results.close();
      await queue.close();
    },
  };
}

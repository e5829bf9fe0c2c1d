import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { payload } from '../system.js';
import { DroverProcesses } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';

const CALLERS = 500;

/** 500 callers, each submitting a task and awaiting its result, over and over: what gathering makes of single tasks. */
export async function callers(place: Place, zk: string): Promise<Figure[]> {
  const processes = new DroverProcesses(zk, place.connection);
  await processes.scheduler('bench');
  await processes.worker('bench', { concurrency: '500' });
  const drover = await processes.client();
  try {
    const run = async (total: number): Promise<number> => {
      let left = total;
      const caller = async (): Promise<void> => {
        while (left-- > 0) await (await drover.submit('echo', payload(left))).result();
      };
      return total / (await secondsOf(() => Promise.all(Array.from({ length: CALLERS }, caller))));
    };
    const total = sizeFor(place.effort, { quick: 50_000, full: 500_000 });
    await run(total / 5);
    const perSecond = await run(total);
    const target = { atLeast: place.serverCount === 1 ? 40_000 : 15_000 };
    return [{ name: `${CALLERS} callers, one task at a time each`, value: perSecond, unit: 'tasks/s', target }];
  } finally {
    await drover.close();
    await processes.stop();
  }
}

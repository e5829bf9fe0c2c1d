import { Child } from '../child.js';
import { payload, Tally, type Payload, type System } from '../system.js';
import { ResultReader } from './result-table.js';

const CHUNK = 1_000;
const AHEAD = 4;

/** The differences between queues that keep their tasks in PostgreSQL. */
export interface QueueInPostgres {
  url: string;
  /** Compiled file of the process that works, and its settings. */
  worker: { script: string; settings: object };
  addMany(payloads: Payload[]): Promise<unknown>;
  add(payload: Payload): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Submits in chunks, a few at a time; the handlers write results into a table that is followed. */
export async function openInPostgres(queue: QueueInPostgres): Promise<System> {
  const results = await ResultReader.open(queue.url);
  const worker = await Child.start(queue.worker.script, queue.worker.settings);
  const expect = (count: number): Tally => {
    const tally = new Tally(count);
    results.onResult = (i) => {
      tally.result(i);
    };
    return tally;
  };
  return {
    async bulk(count) {
      const tally = expect(count);
      let next = 0;
      const submitter = async (): Promise<void> => {
        while (next < count) {
          const from = next;
          next = Math.min(count, from + CHUNK);
          await queue.addMany(Array.from({ length: next - from }, (_, k) => payload(from + k)));
        }
      };
      await Promise.all(Array.from({ length: AHEAD }, submitter));
      await tally.done;
    },
    async single() {
      const tally = expect(1);
      await queue.add(payload(0));
      await tally.done;
    },
    async close() {
      await worker.stop();
      await results.close();
      await queue.close();
    },
  };
}

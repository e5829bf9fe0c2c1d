/** A process of `jobs.ts`: runs the worlds that it is sent, one after the other, and answers with what became of them. */
import type { Order } from './jobs.js';
import { simulate } from './simulate.js';

let before: Promise<unknown> = Promise.resolve();
process.on('message', (message) => {
  const { seed, without } = message as Order;
  before = before.then(async () => {
    const outcome = await simulate({ seed, ...(without === undefined ? {} : { without }) });
    process.send?.(outcome);
  });
});

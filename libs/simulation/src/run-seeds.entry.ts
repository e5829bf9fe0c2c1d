/** A process of `jobs.ts`: runs the worlds that it is sent, one after the other, and answers with what became of them. */
import type { Order } from './jobs.js';
import { simulate } from './simulate.js';

let before: Promise<unknown> = Promise.resolve();
process.on('message', (message) => {
  before = before.then(async () => process.send?.(await simulate(message as Order)));
});

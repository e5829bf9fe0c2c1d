import { defineHandlers, RejectTaskError } from '@drover/worker';

/** Handlers for the tasks of the tests. */
export default defineHandlers({
  /** Returns what it was given. */
  echo: (payload) => payload,
  /** Fails with the message that it was given. */
  fail: (payload: { message: string }) => {
    throw new TypeError(payload.message);
  },
  reject: () => {
    throw new RejectTaskError('the order does not exist');
  },
  /** Runs until it is told to stop. */
  hold: async (_payload, ctx) => {
    ctx.log('holding');
    ctx.progress(0.25, 'a quarter is done');
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
  },
  /** Works from the first retry of its run on; of a map only the item 1 fails before. */
  'works-again': (payload, ctx) => {
    if (ctx.flow?.generation === 0 && (ctx.flow.index ?? 1) === 1) throw new RejectTaskError('the disk is full');
    return payload;
  },
});

import * as z from 'zod';
import type { BuiltIn, BuiltInDocument } from './built-in.js';
import { parsePayload } from './payload.js';

/** As every duration of Drover: ten years. */
const LONGEST_MS = 10 * 365 * 86_400_000;
const schema = z.strictObject({
  ms: z.number().min(0).max(LONGEST_MS).describe('How long to wait, in milliseconds'),
});

/** Waits. Result: `{ slept: ms }`. */
export const sleep: BuiltIn = {
  type: 'sleep',
  async run(payload, { signal, runtime }) {
    const { ms } = parsePayload('sleep', schema, payload);
    await new Promise<void>((resolve, reject) => {
      const timer = runtime.after(ms, resolve);
      signal.addEventListener('abort', () => {
        timer.cancel();
        reject(signal.reason as Error);
      });
    });
    return { slept: ms };
  },
};

export const sleepDocument: BuiltInDocument = {
  type: 'sleep',
  summary: 'Waits, and occupies one place of the worker meanwhile.',
  payload: schema,
  result: '`{ slept }`: milliseconds.',
  limits: [],
  retries: 'Never fails with a valid payload.',
};

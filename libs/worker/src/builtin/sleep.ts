import { z } from 'zod';
import type { BuiltIn } from './built-in.js';
import { parsePayload } from './payload.js';

const MAX_TIMER_MS = 2 ** 31 - 1;
const schema = z.strictObject({ ms: z.number().min(0).max(MAX_TIMER_MS) });

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

import type { SubmitOptions } from '@drover/client';
import type { UniqueOptions } from '@drover/core';
import type { Script, Step } from './simulated-executor.js';

export interface Submit {
  type: string;
  payload: object;
  options: SubmitOptions;
}

/** A task with a life of its own, at random. */
export function drawSubmit(
  random: () => number,
  { queues, types }: { queues: readonly string[]; types: readonly string[] },
): Submit {
  const queue = queues[Math.floor(random() * queues.length)] ?? 'default';
  if (random() < 0.15) return { type: 'instant', payload: {}, options: { queue } };
  const attempts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => drawStep(random));
  const waits = attempts.some(({ does }) => does === 'hang' || does === 'ignore');
  const payload: Script = { attempts };
  const options: SubmitOptions = {
    queue,
    maxAttempts: 1 + Math.floor(random() * 4),
    retry: { kind: 'exponential', delayMs: 20 + random() * 150, maxDelayMs: 1_000, jitter: 0.2 },
    ...(waits || random() < 0.1 ? { timeout: 100 + Math.floor(random() * 500) } : {}),
    ...(random() < 0.05 ? { heartbeat: 50 + Math.floor(random() * 500) } : {}),
    ...(random() < 0.15 ? { delay: Math.floor(random() * 1_000) } : {}),
    ...(random() < 0.1 ? { expires: 1 + Math.floor(random() * 1_500) } : {}),
    ...(random() < 0.1 ? { deadline: 1_000 + Math.floor(random() * 2_000) } : {}),
    ...(random() < 0.3 ? { tenant: random() < 0.5 ? 'acme' : 'zoo' } : {}),
    ...(random() < 0.3 ? { priority: Math.floor(random() * 19) - 9 } : {}),
    ...(random() < 0.2 ? { unique: drawUnique(random) } : {}),
  };
  const [only = 'scripted'] = types;
  const type = types.length > 1 ? (types[Math.floor(random() * types.length)] ?? only) : only;
  return { type, payload, options };
}

/** Few keys, so that many tasks meet. `first` has keys of its own: it does not mix with the others. */
function drawUnique(random: () => number): UniqueOptions {
  const key = `unique-${Math.floor(random() * 4)}`;
  const chance = random();
  if (chance < 0.4) return { key, mode: 'last' };
  if (chance < 0.6) return { key, mode: 'cancel' };
  if (chance < 0.75)
    return { key, mode: 'throttle', every: 1 + Math.floor(random() * 2_000), trailing: random() < 0.7 };
  if (chance < 0.9) {
    const quiet = 1 + Math.floor(random() * 400);
    return { key, mode: 'debounce', quiet, ...(random() < 0.7 ? { max: quiet + Math.floor(random() * 1_000) } : {}) };
  }
  return { key: `held-${Math.floor(random() * 20)}`, for: 1 + Math.floor(random() * 2_000) };
}

export function drawStep(random: () => number): Step {
  const chance = random();
  const ms = Math.floor(random() ** 3 * 700);
  if (chance < 0.72) return { does: 'succeed', ms };
  if (chance < 0.86) return { does: 'fail', ms };
  if (chance < 0.895) return { does: 'reject', ms };
  if (chance < 0.9) return { does: 'kill', ms: ms / 10 };
  return { does: chance < 0.96 ? 'hang' : 'ignore', ms };
}

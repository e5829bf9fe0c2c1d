import { InvalidArgumentError, UnknownLimitError, type Drover, type SubmitOptions } from '@drover/client';
import type { LimitOptions } from '@drover/core';
import type { Step } from './simulated-executor.js';

export interface LimitsSetup {
  /** Names of limits; empty: there are none, and no sequences. */
  limits: readonly string[];
  queues: readonly string[];
}

const KEYS = ['a', 'b', 'c'];
const SEQUENCES = 3;
/** Long enough that every leader knows of it before it ends. */
const LONG_HOLD_MS = 8_000;

/** Something that a client does with one of the limits, at random. */
export function actOnLimits(drover: Drover, setup: LimitsSetup, random: () => number): Promise<unknown> {
  return tolerant(act(drover, setup, random));
}

function act({ limits }: Drover, setup: LimitsSetup, random: () => number): Promise<unknown> {
  const at = Math.floor(random() * setup.limits.length);
  const name = setup.limits[at] ?? '';
  const chance = random();
  if (chance < 0.6) return limits.set(name, drawLimit(at, setup.queues, random));
  if (chance < 0.78) return limits.hold(random() < 0.5 ? name : drawRef(at, name, random), drawHold(random));
  if (chance < 0.84) return limits.remove(name, { force: true });
  if (chance < 0.9) return limits.remove(name);
  return random() < 0.5 ? limits.usage() : limits.get(name);
}

const drawHold = (random: () => number): number => {
  const chance = random();
  return chance < 0.2 ? 0 : chance < 0.3 ? LONG_HOLD_MS : Math.floor(random() * 600);
};

/** Mostly of one kind by its number, so that most changes raise or lower it. */
function drawLimit(at: number, queues: readonly string[], random: () => number): LimitOptions {
  const kind = random() < 0.93 ? at % 4 : Math.floor(random() * 4);
  const whole = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const concurrency = whole(1, 4);
  const limit = whole(10, 40);
  const rate = { limit, period: 1_000, burst: whole(1, random() < 0.5 ? 3 : limit) };
  const chance = random();
  const bound = chance < 0.5 ? { concurrency } : chance < 0.75 ? { rate } : { concurrency, rate };
  switch (kind) {
    case 0:
      return { ...bound, per: 'key' };
    case 1:
      return { ...bound, on: { queue: queues[0] ?? 'default' } };
    case 2:
      return { ...bound, on: { type: 'scripted' }, per: 'tenant' };
    default:
      return { ...bound };
  }
}

/** A key where the limit mostly has some. */
const drawRef = (at: number, name: string, random: () => number): string =>
  at % 4 === 0 ? `${name}/${KEYS[Math.floor(random() * KEYS.length)] ?? ''}` : name;

/** The limits and the sequence of a task of such a world. */
export function drawGuards({ limits }: LimitsSetup, random: () => number): Pick<SubmitOptions, 'limits' | 'sequence'> {
  const named = limits.map((name, at) => drawRef(at, name, random)).filter(() => random() < 0.4);
  const sequence = {
    key: `sequence-${Math.floor(random() * SEQUENCES)}`,
    onFailure: random() < 0.3 ? ('block' as const) : ('continue' as const),
  };
  return { ...(named.length > 0 ? { limits: named } : {}), ...(random() < 0.25 ? { sequence } : {}) };
}

/** First attempts of a task of such a world: somebody said 429. */
export function drawLater({ limits }: LimitsSetup, random: () => number): Step[] {
  const times = random() < 0.15 ? 1 + Math.floor(random() * 2) : 0;
  return Array.from({ length: times }, () => {
    const at = Math.floor(random() * limits.length);
    const name = limits[at] ?? '';
    const holds = random() < 0.3 ? name : drawRef(at, name, random);
    return { does: 'later', ms: Math.floor(random() * 100), ...(random() < 0.7 ? { holds } : {}) };
  });
}

/** Somebody else may have removed it, or made another of it. */
async function tolerant(done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!isOfLimits(error)) throw error;
  }
}

export const isOfLimits = (error: unknown): boolean =>
  error instanceof UnknownLimitError || error instanceof InvalidArgumentError;

import type { WhenEntry } from '@drover/calendar';
import type { ScheduleInput } from '@drover/client';
import { CATCH_UPS, OVERLAP_NAMES } from '@drover/schedules';
import { drawStep } from './draw-submit.js';
import type { Script } from './simulated-executor.js';

/** The calendar that schedules exclude: it may be there or not. */
export const CALENDAR = 'holidays';

/** Around a change of Berlin's clocks: before it, in the gap or the overlap, after it. */
const FIXED = ['51,53,55,57,59 59 1 * * *', '1,3,5,7 0 2 * * *', '0,2,4 30 2 * * *', '1,2,4,6,8 0 3 * * *'];

/** A schedule with a life of its own, at random. `nowMs`: the time of the world. */
export function drawSchedule(random: () => number, queues: readonly string[], nowMs: number): ScheduleInput {
  const whole = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const some = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const sometimes = <T extends object>(share: number, make: () => T): Partial<T> => (random() < share ? make() : {});
  const isLong = random() < 0.4;
  const attempts = Array.from({ length: whole(1, 3) }, () => {
    const step = drawStep(random);
    return { ...step, ms: step.does === 'kill' ? step.ms : step.ms * (isLong ? 5 : 1) };
  });
  const payload: Script & { padding?: string } = {
    attempts,
    ...sometimes(0.08, () => ({ padding: 'x'.repeat(14_000) })),
  };
  const waits = attempts.some(({ does }) => does === 'hang' || does === 'ignore');
  const queue = some(queues) ?? 'default';
  return {
    when: random() < 0.12 ? [drawTimes(random, nowMs), drawTimes(random, nowMs)] : drawEntry(random, nowMs),
    run: {
      ...{ type: 'scripted', payload, queue, maxAttempts: whole(1, 3) },
      retry: { kind: 'exponential', delayMs: 20 + random() * 150, maxDelayMs: 1_000, jitter: 0.2 },
      ...(waits || random() < 0.1 ? { timeout: whole(100, 600) } : {}),
      ...sometimes(0.1, () => ({ expires: whole(1, 1_500) })),
      ...sometimes(0.1, () => ({ deadline: whole(1_000, 3_000) })),
      ...sometimes(0.2, () => ({ priority: whole(-9, 9), tenant: 'acme' })),
    },
    overlap: some(OVERLAP_NAMES),
    catchUp: { run: some(CATCH_UPS), ...sometimes(0.3, () => ({ window: 10_000 })) },
    ...sometimes(0.25, () => ({ spread: whole(1, 800) })),
    ...sometimes(0.25, () => ({ jitter: whole(1, 800) })),
    ...sometimes(0.25, () => ({ pauseAfterFailures: whole(1, 3) })),
  };
}

function drawEntry(random: () => number, nowMs: number): WhenEntry {
  const maxFires = random() < 0.1 ? { maxFires: 1 + Math.floor(random() * 4) } : {};
  const chance = random();
  if (chance < 0.15) return { everyAfter: 1_000 + Math.floor(random() * 700), ...maxFires };
  if (chance < 0.22) return { at: nowMs + Math.floor(random() * 4_000) };
  return { ...drawTimes(random, nowMs), ...maxFires };
}

/** Times that may stand beside others. */
function drawTimes(random: () => number, nowMs: number): WhenEntry {
  const seconds = 1 + Math.floor(random() * 3);
  const except =
    random() < 0.15 ? { except: ['*/7 * * * * *'] } : random() < 0.1 ? { except: { calendar: CALENDAR } } : {};
  const until = random() < 0.05 ? { until: nowMs + 1_000 + Math.floor(random() * 5_000) } : {};
  const dst = random() < 0.3 ? { dst: 'literal' as const } : {};
  const chance = random();
  if (chance < 0.5) return { every: seconds * 1_000, phase: Math.floor(random() * 1_000), ...except, ...until };
  if (chance < 0.75) return { cron: `*/${seconds} * * * * *`, tz: 'Europe/Berlin', ...dst, ...except, ...until };
  return { cron: FIXED[Math.floor(random() * FIXED.length)] ?? '', tz: 'Europe/Berlin', ...dst, ...except };
}

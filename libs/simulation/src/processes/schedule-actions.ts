import { InvalidArgumentError, ScheduleNotFoundError, type Drover, type ScheduleInput } from '@drover/client';
import { OVERLAP_NAMES } from '@drover/schedules';
import { CALENDAR, drawSchedule } from './draw-schedule.js';

export interface SchedulesSetup {
  /** Names of schedules; empty: there are none. */
  schedules: readonly string[];
  /** The first definition of each: clients mostly set that one. */
  specs: Map<string, ScheduleInput>;
  queues: readonly string[];
  /** Wall clock of the world. */
  nowMs: () => number;
}

/** Something that a client does with one of the schedules, at random. */
export function actOnSchedules(drover: Drover, setup: SchedulesSetup, random: () => number): Promise<unknown> {
  const name = anyOf(setup.schedules, random) ?? '';
  return tolerant(act(drover, name, setup, random));
}

function act(drover: Drover, name: string, setup: SchedulesSetup, random: () => number): Promise<unknown> {
  const { schedules, calendars } = drover;
  const chance = random();
  if (chance < 0.5) return schedules.set(name, specOf(name, setup, random));
  if (chance < 0.62) {
    const overlap = random() < 0.4 ? anyOf(OVERLAP_NAMES, random) : undefined;
    return schedules.trigger(name, overlap === undefined ? {} : { overlap });
  }
  if (chance < 0.67) return schedules.pause(name, 'at random');
  if (chance < 0.83) return schedules.resume(name);
  if (chance < 0.88) return schedules.remove(name, { cancel: random() < 0.5 });
  if (chance < 0.92) return backfill(drover, name, setup, random);
  if (chance < 0.93) return schedules.reset(name, { mark: 'now' });
  if (chance < 0.95) return schedules.get(name);
  if (chance < 0.96) return schedules.list();
  if (chance < 0.98) return calendars.set(CALENDAR, [random() < 0.5 ? '2026-03-29' : '2026-10-25', '2026-12-24']);
  return calendars.remove(CALENDAR, { force: true });
}

async function backfill(
  { schedules }: Drover,
  name: string,
  { nowMs }: SchedulesSetup,
  random: () => number,
): Promise<void> {
  const open = (await schedules.backfills(name)).find(({ endedAt }) => endedAt === null);
  if (open !== undefined && random() < 0.3) return schedules.removeBackfill(name, open.id);
  const to = nowMs() - Math.floor(random() * 5_000);
  await schedules.backfill(name, {
    ...{ from: to - Math.floor(random() * 10_000), to },
    ...{ parallel: 1 + Math.floor(random() ** 2 * 4), order: anyOf(['oldest', 'newest'], random) },
    redo: anyOf(['missing', 'failed', 'all'], random),
  });
}

function specOf(name: string, { specs, queues, nowMs }: SchedulesSetup, random: () => number): ScheduleInput {
  const known = specs.get(name);
  if (known !== undefined && random() < 0.85) return known;
  const spec = drawSchedule(random, queues, nowMs());
  specs.set(name, spec);
  return spec;
}

/** Somebody else may have removed it; a time may be past, and a calendar not there. */
async function tolerant(done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError || error instanceof InvalidArgumentError)) throw error;
  }
}

const anyOf = <T>(all: readonly T[], random: () => number): T | undefined => all[Math.floor(random() * all.length)];

import { patternOf } from './cron.js';
import type { When } from './when.js';
import { nextOnWall } from './wall-cron.js';
import type { Zone } from './zone.js';

/** The nominal times of an entry, before its bounds and exclusions. */
export interface Source {
  /** The first one after `after`; `Infinity`: none, of a pattern none in ten years. */
  next(after: number): number;
  /** How many there are from `from` on and before `to`. */
  count(from: number, to: number): number;
}

export function sourceOf(argument: string, when: When, zone: Zone, name: string | undefined): Source {
  if ('cron' in when) return cron(argument, when, zone, name);
  if ('every' in when) return grid(when.every, when.phase ?? 0);
  if ('everyAfter' in when) return anyTime;
  return once(Date.parse(when.at));
}

function cron(argument: string, when: When & { cron: string }, zone: Zone, name: string | undefined): Source {
  const pattern = patternOf(`${argument}.cron`, when.cron, name);
  const isLiteral = when.dst === 'literal';
  const next = (after: number): number => nextOnWall(pattern, zone, after, isLiteral);
  return {
    next,
    count(from, to) {
      let count = 0;
      for (let time = next(from - 1); time < to; time = next(time)) count++;
      return count;
    },
  };
}

function grid(everyMs: number, phaseMs: number): Source {
  const next = (after: number): number => (Math.floor((after - phaseMs) / everyMs) + 1) * everyMs + phaseMs;
  return { next, count: (from, to) => Math.max(0, Math.ceil((to - next(from - 1)) / everyMs)) };
}

/** `everyAfter`: the end of a fire and the delay decide, and whatever comes of them is right. */
const anyTime: Source = { next: (after) => after + 1, count: () => 0 };

function once(at: number): Source {
  return { next: (after) => (after < at ? at : Infinity), count: (from, to) => (from <= at && at < to ? 1 : 0) };
}

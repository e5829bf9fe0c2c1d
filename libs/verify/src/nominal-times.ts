import type { DefinitionLine } from './definition-line.js';
import type { Change } from './definitions.js';
import type { Settings } from './settings.js';

/** From `from` (excluded) to `to` (included), by the wall clock. */
interface Stretch {
  from: number;
  to: number;
}

/** The time in which a schedule fired as `line` says. */
export interface Period {
  line: DefinitionLine;
  /** All nominal times in here must have been decided. */
  certain: Stretch;
  /** No other nominal times can have been. */
  possible: Stretch;
  /** Grows when the schedule is removed: what is set then is another one, which counts anew. */
  life: number;
}

/** When a schedule was in force: from each `set` or `resume` to the next change. */
export function periodsOf(changes: readonly Change[], { fireLagMs, wallErrorMs }: Settings): Period[] {
  const periods: Period[] = [];
  let life = 0;
  let spec: DefinitionLine | undefined;
  for (const change of changes) {
    const { op, line, asked, done } = change;
    const [earliest, latest] = [asked.wall ?? 0, done?.wall ?? Infinity];
    const open = periods.at(-1);
    if (open !== undefined && op !== 'resume') {
      // A time that was due just before may not have been decided yet.
      open.certain.to = Math.min(open.certain.to, earliest - fireLagMs - wallErrorMs);
      if (open.possible.to === Infinity && (op !== 'told' || done !== undefined))
        open.possible.to = latest + wallErrorMs;
    }
    if (op === 'told') continue;
    if (op === 'remove') life++;
    if (op === 'set') spec = line;
    if ((op !== 'set' && op !== 'resume') || spec === undefined) continue;
    const certain = { from: latest + wallErrorMs, to: Infinity };
    periods.push({ line: spec, certain, possible: { from: earliest - wallErrorMs, to: Infinity }, life });
  }
  // Of a period that nobody ended it is not known up to when all must have been decided.
  return periods.map((period) =>
    period.certain.to === Infinity ? { ...period, certain: { from: 0, to: 0 } } : period,
  );
}

/** The nominal times of a definition from `from` (excluded) to `to` (included). */
export function gridTimes({ everyMs, phaseMs = 0, times }: DefinitionLine, from: number, to: number): number[] {
  if (times !== undefined) return times.map((time) => Date.parse(time)).filter((time) => time > from && time <= to);
  if (everyMs === undefined || !Number.isFinite(from) || !(to > from)) return [];
  if (!Number.isFinite(to)) throw new RangeError('a period without an end has no last nominal time');
  const found: number[] = [];
  const first = Math.floor((from - phaseMs) / everyMs) + 1;
  for (let time = first * everyMs + phaseMs; time <= to; time += everyMs) found.push(time);
  return found;
}

import type { DefinitionLine } from '../src/definition-line.js';
import type { Effect, FaultLine, HistoryName, Operation, Sample, Write } from '../src/history.js';
import type { RuleReport } from '../src/report.js';
import type { Settings } from '../src/settings.js';
import { fromEntries } from '../src/sources/from-entries.js';
import { verify } from '../src/verify.js';

/** Histories for tests, one line for each call. Times are milliseconds; the task is `t` unless another is named. */
export const submit = (at: number, more: Partial<Operation> = {}): Operation[] => [
  { at, type: 'invoke', op: 'submit', task: 't', ...more },
  { at: at + 1, type: 'ok', op: 'submit', task: 't', ...more },
];
export const told = (at: number, more: Partial<Operation> = {}): Operation => ({
  ...{ at, type: 'ok', op: 'result', task: 't', outcome: 'succeeded' },
  ...more,
});
export const cancelled = (at: number): Operation => ({ at, type: 'ok', op: 'cancel', task: 't' });

export const start = (at: number, attempt = 1, more: Partial<Effect> = {}): Effect => ({
  ...{ at, type: 'start', task: 't', attempt, token: attempt * 10, worker: 'w1' },
  ...more,
});
export const end = (at: number, attempt = 1, more: Partial<Effect> = {}): Effect => ({
  ...start(at, attempt),
  type: 'end',
  ...more,
});

export const written = (at: number, token: number, accepted = true): Write => ({ at, task: 't', token, accepted });

export function fault(n: number, begin: number, end: number | null, more: Partial<FaultLine> = {}): FaultLine[] {
  const about = { n, fault: 'cut', target: 'w1' };
  const lines: FaultLine[] = [{ at: begin, type: 'begin', ...about, ...more }];
  return end === null ? lines : [...lines, { at: end, type: 'end', ...about }];
}
export const sample = (at: number, more: Partial<Sample>): Sample => ({ at, ...more });

/** A call of whoever defines something, done at once. Wall clock and monotonic clock are the same here. */
export const defined = (at: number, more: Partial<DefinitionLine>): DefinitionLine[] => {
  const about = { call: `${at}-${JSON.stringify(more)}`, op: 'set' as const, wall: at, ...more };
  return [
    { at, type: 'invoke', ...about },
    { at, type: 'ok', ...about },
  ];
};
/** A whole task that nobody but its handler wrote down, from one time to another. */
export const ran = (task: string, from: number, to: number, more: Partial<Effect> = {}): Effect[] => [
  start(from, 1, { task, token: from, ...more }),
  { ...end(to, 1, { task, token: from, ...more }), outcome: 'succeeded' },
];
/** The run of a fire of the schedule `s`, at a nominal time of so many milliseconds. */
export const fired = (nominal: number, from: number, to: number, more: Partial<Effect> = {}): Effect[] => {
  const iso = new Date(nominal).toISOString();
  const fire = { id: `s@${iso}`, schedule: 's', nominal: iso, kind: 'time' as const };
  return ran(`s@${iso}`, from, to, { fire, id: `B${nominal}.0`, ...more });
};

export type Lines = Partial<Record<HistoryName, readonly unknown[]>>;

/** The report of one rule on histories; those that are not given were not written. */
export async function check(name: string, lines: Lines, settings: Partial<Settings> = {}): Promise<RuleReport> {
  const rule = (await report(lines, settings)).rules.find((one) => one.name === name);
  if (rule === undefined) throw new Error(`there is no rule '${name}'`);
  return rule;
}

export function report(lines: Lines, settings: Partial<Settings> = {}): ReturnType<typeof verify> {
  const { operations = [], effects = [], ...others } = lines;
  const more = Object.entries(others).map(([name, entries]) => [name, fromEntries(entries)] as const);
  const histories = { operations: fromEntries(operations), effects: fromEntries(effects) };
  return verify({ ...histories, ...Object.fromEntries(more) }, settings);
}

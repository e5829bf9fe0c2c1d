import type { LeaderlessTimes } from '@drover/verify';
import type { ChaosReport } from './report.js';
import { percentile } from './statistics.js';

/** A figure beside what it must be. */
export interface Target {
  name: string;
  measured: string;
  target: string;
  /** `null`: nothing was there to be measured. */
  met: boolean | null;
}

const STOP_MS = 300;
const BEYOND_MS = 1_000;

/** The targets of one run or of several together: the rules must hold, and the times without a leader are bounded. */
export function targetsOf(reports: readonly ChaosReport[]): Target[] {
  return [...rules(reports), ...handovers(reports)];
}

export function verdictOf({ met }: Target): string {
  return met === null ? 'not checked' : met ? 'met' : 'missed';
}

/** Each rule over all runs: it must never be broken. */
function rules(reports: readonly ChaosReport[]): Target[] {
  const names = [...new Set(reports.flatMap((report) => report.rules.map(({ name }) => name)))];
  return names.map((name) => {
    const own = reports.flatMap((report) => report.rules.filter((rule) => rule.name === name));
    const checked = own.reduce((sum, rule) => sum + rule.checked, 0);
    const violations = own.reduce((sum, rule) => sum + rule.violations, 0);
    const unchecked = own.filter(({ verdict }) => verdict === 'not checked').length;
    const measured = `${violations.toLocaleString('en-US')} of ${checked.toLocaleString('en-US')} broken`;
    return {
      name,
      measured: unchecked === 0 ? measured : `${measured}; not checked in ${unchecked} of ${own.length} runs`,
      target: 'none broken',
      met: checked === 0 ? null : own.every(({ verdict }) => verdict !== 'broken'),
    };
  });
}

function handovers(reports: readonly ChaosReport[]): Target[] {
  const [first] = reports;
  if (first === undefined) return [];
  const { sessionTimeoutMs, tickMs } = first.system;
  const times = (how: 'killed' | 'stopped'): number[] =>
    reports.flatMap(({ statistics }) => statistics.leaderless[how].allMs);
  return [
    ...within('nobody leads after SIGKILL of the leader, p99', times('killed'), sessionTimeoutMs + tickMs + BEYOND_MS),
    ...within('nobody leads after an orderly stop of the leader, p99', times('stopped'), STOP_MS),
  ];
}

function within(name: string, values: readonly number[], atMostMs: number): Target[] {
  if (values.length === 0) return [];
  const p99 = percentile(values, 0.99);
  return [{ name, measured: `${Math.round(p99)} ms`, target: `<= ${atMostMs} ms`, met: p99 <= atMostMs }];
}

/** The times of several runs as if they were one. */
export function together(all: readonly LeaderlessTimes[]): LeaderlessTimes {
  const allMs = all.flatMap((times) => times.allMs);
  const at = (share: number): number | null => (allMs.length === 0 ? null : percentile(allMs, share));
  const disturbed = all.reduce((sum, times) => sum + times.disturbed, 0);
  return { count: allMs.length, disturbed, allMs, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

import type { LeaderlessTimes } from './leaderless.js';
import type { Violation } from './rules/rule.js';

export type Verdict = 'held' | 'broken' | 'not checked';

export interface RuleReport {
  name: string;
  /** The law, in a sentence. */
  says: string;
  verdict: Verdict;
  /** The number of tasks, or of other subjects of the rule, that were checked. */
  checked: number;
  /** Why it was not checked. */
  reason?: string;
  /** How many of them break it. */
  violations: number;
  /** The earliest, with all that is known about it. */
  first?: Violation;
}

export interface Statistics {
  tasks: number;
  acknowledged: number;
  starts: number;
  /** Starts beyond the first of their task. */
  reassignments: number;
  /** Writes that the resource refused. */
  fencedWrites: number;
  /** The number of faults, by name. */
  faults: Record<string, number>;
  leaderless: { killed: LeaderlessTimes; stopped: LeaderlessTimes };
}

export interface Report {
  /** Broken: at least one rule is. Not checked: the histories hold nothing that any rule is about. */
  verdict: Verdict;
  rules: RuleReport[];
  statistics: Statistics;
  /** Histories, or parts of them, that were left out. */
  notes: string[];
  /** The time of the first line: times are shown as differences from it. */
  beganAt: number;
}

export function overallVerdict(rules: readonly RuleReport[]): Verdict {
  const verdicts = new Set(rules.map(({ verdict }) => verdict));
  return (['broken', 'held'] as const).find((verdict) => verdicts.has(verdict)) ?? 'not checked';
}

import { touches, type Fault } from './faults.js';
import type { HistoryName } from './history.js';
import type { RuleReport } from './report.js';
import type { Run, RunRule, SubjectRule, TaskRule, Throughput, Violation } from './rules/rule.js';
import type { Subject } from './subjects.js';
import { linesOf, toLines, type HistoryLine, type TaskHistory } from './task-history.js';

/** The findings of one rule of tasks so far. */
export class Scoreboard {
  readonly #rule: TaskRule;
  readonly #run: Run;
  #checked = 0;
  #violations = 0;
  #first: Violation | undefined;

  constructor(rule: TaskRule, run: Run) {
    this.#rule = rule;
    this.#run = run;
  }

  add(task: TaskHistory): void {
    if (missing(this.#rule, this.#run.given) !== undefined) return;
    const found = this.#rule.judge(task, this.#run);
    if (found === 'unconcerned') return;
    this.#checked++;
    if (found === 'held') return;
    this.#violations++;
    if (found.at >= (this.#first?.at ?? Infinity)) return;
    this.#first = { ...found, task: task.task, history: wholeHistory(task, this.#run.faults) };
  }

  report(): RuleReport {
    const reason = missing(this.#rule, this.#run.given);
    return toReport(this.#rule, { checked: this.#checked, violations: this.#violations, first: this.#first, reason });
  }
}

/** The findings of one rule of subjects so far. */
export class SubjectBoard {
  readonly #rule: SubjectRule;
  readonly #run: Run;
  #checked = 0;
  #violations = 0;
  #first: Violation | undefined;

  constructor(rule: SubjectRule, run: Run) {
    this.#rule = rule;
    this.#run = run;
  }

  add(subject: Subject): void {
    if (subject.kind !== this.#rule.of || missing(this.#rule, this.#run.given) !== undefined) return;
    const found = this.#rule.judge(subject, this.#run);
    if (found === 'unconcerned') return;
    this.#checked++;
    if (found === 'held') return;
    this.#violations++;
    if (found.at >= (this.#first?.at ?? Infinity)) return;
    const { at, what, tasks } = found;
    this.#first = { at, what: `${subject.kind} ${subject.name}: ${what}`, history: this.#linesOf(tasks) };
  }

  report(): RuleReport {
    const reason = missing(this.#rule, this.#run.given);
    return toReport(this.#rule, { checked: this.#checked, violations: this.#violations, first: this.#first, reason });
  }

  /** Of several tasks; each line says of which. */
  #linesOf(tasks: readonly TaskHistory[]): HistoryLine[] {
    const lines = tasks.flatMap(linesOf);
    return withFaults(lines.sort(byTime), this.#run.faults);
  }
}

/** Judges a rule of the run. */
export function judgeRun(rule: RunRule, run: Run, throughput: Throughput): RuleReport {
  const reason = missing(rule, run.given);
  if (reason !== undefined) return toReport(rule, { checked: 0, violations: 0, first: undefined, reason });
  const judged = rule.judge(run, throughput);
  const first = judged.violations.reduce<Violation | undefined>(
    (earliest, one) => (earliest === undefined || one.at < earliest.at ? one : earliest),
    undefined,
  );
  return toReport(rule, { ...judged, violations: judged.violations.length, first, reason: judged.reason });
}

type Rule = TaskRule | SubjectRule | RunRule;

interface Score {
  checked: number;
  violations: number;
  first: Violation | undefined;
  reason: string | undefined;
}

function toReport(rule: Rule, { checked, violations, first, reason }: Score): RuleReport {
  const { name, says, nothing } = rule;
  if (first !== undefined) return { name, says, verdict: 'broken', checked, violations, first };
  if (checked > 0) return { name, says, verdict: 'held', checked, violations };
  return { name, says, verdict: 'not checked', checked, violations, reason: reason ?? nothing };
}

function missing({ needs }: Rule, given: ReadonlySet<HistoryName>): string | undefined {
  const lacking = needs.filter((name) => !given.has(name)).map((name) => `--${name}`);
  return lacking.length === 0 ? undefined : `needs ${lacking.join(' and ')}`;
}

/** All lines of the task, and the faults that were underway between them. */
function wholeHistory(task: TaskHistory, faults: readonly Fault[]): HistoryLine[] {
  return withFaults(linesOf(task), faults);
}

/** `lines` are in the order of time. */
function withFaults(lines: readonly HistoryLine[], faults: readonly Fault[]): HistoryLine[] {
  const [from, to] = [lines[0]?.at ?? 0, lines.at(-1)?.at ?? 0];
  const around = faults.filter((fault) => touches(fault, from, to, 0)).flatMap((fault) => fault.lines);
  return [...lines, ...toLines('faults', around)].sort(byTime);
}

const byTime = (a: HistoryLine, b: HistoryLine): number => a.at - b.at;

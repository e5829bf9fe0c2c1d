import { isMissing, type Facts, type Gathered } from './facts.js';

export const AREAS = ['zookeeper', 'leader', 'fleet', 'flow', 'records', 'security', 'observation'] as const;
export type Area = (typeof AREAS)[number];

/** `note`: good enough for a machine for trying; `warn`: it will be a problem; `fail`: it is one. */
export type Severity = 'note' | 'warn' | 'fail';

export interface Problem {
  text: string;
  /** Default: the check's. */
  severity?: Severity;
  /** Default: the check's. */
  cure?: string;
}

/** `ok`: one line of what was found; `skipped`: why the check was not made. */
export type Judgement = { ok: string } | { skipped: string } | { problems: readonly [Problem, ...Problem[]] };

/** One check: a function of facts. `docs/doctor.md` is drawn from these. */
export interface Check {
  code: string;
  area: Area;
  severity: Severity;
  /** In one sentence: the fault that it finds. */
  means: string;
  /** The cure. */
  cure: string;
  /** Path and anchor of a document, from the root of the repository. */
  link: string;
  judge(facts: Facts): Judgement;
}

/** A line of the report. */
export interface Finding {
  code: string;
  area: Area;
  result: 'ok' | 'skipped' | Severity;
  text: string;
  cure?: string;
  link?: string;
}

/** All findings, in the order of the checks; those of one check together. Pure. */
export function examine(checks: readonly Check[], facts: Facts): Finding[] {
  return checks.flatMap((check): Finding[] => {
    const { code, area, link } = check;
    const judgement = check.judge(facts);
    if ('ok' in judgement) return [{ code, area, result: 'ok', text: judgement.ok }];
    if ('skipped' in judgement) return [{ code, area, result: 'skipped', text: judgement.skipped }];
    return judgement.problems.map(({ text, severity = check.severity, cure = check.cure }) => ({
      ...{ code, area, result: severity, text, cure, link },
    }));
  });
}

/** `ok` where there is no problem. */
export function judged(problems: readonly Problem[], ok: string): Judgement {
  const [first, ...others] = problems;
  return first === undefined ? { ok } : { problems: [first, ...others] };
}

/** A warning, and a note where everything is on this machine, which is for trying. */
export const unlessTrying = (loopback: boolean): Severity => (loopback ? 'note' : 'warn');

export const problem = (text: string, more: Omit<Problem, 'text'> = {}): Judgement => ({
  problems: [{ text, ...more }],
});

/** Judges facts that are there; the check is skipped where they could not be gathered. */
export function given<T extends object>(facts: Gathered<T>, judge: (facts: T) => Judgement): Judgement {
  return isMissing(facts) ? { skipped: facts.missing } : judge(facts);
}

import { attemptsOf, runOf } from '../attempts.js';
import { inForce } from '../definitions.js';
import { isHeldBack, submitOf, type Subject } from '../subjects.js';
import { dueAtOf } from '../waits.js';
import type { SubjectRule } from './rule.js';

/** Fewer say nothing about shares. */
const ENOUGH = 200;
/** Hand-outs to all free places may be of one tenant, when the others come. */
const AT_ONCE = 50;

/**
 * Counted is what begins while all tenants that have a weight have tasks that wait: only then each has its share. Tasks
 * that something else holds back (a key, a limit, a sequence) wait without being in the contest, so a queue that has
 * some is not judged.
 */
export const shares: SubjectRule = {
  name: 'tenants have their shares',
  says: 'while all tenants of a queue have tasks that wait, each gets what its weight says',
  of: 'queue',
  needs: ['definitions'],
  nothing: 'no queue whose tenants have weights had tasks of all of them waiting for long enough',
  judge(subject, run) {
    const lines = inForce(run.definitions.queue(subject.name), -Infinity, Infinity);
    const { tenants = {}, fairness = 'tasks' } = lines.at(-1) ?? {};
    const names = Object.keys(tenants);
    if (lines.length !== 1 || names.length < 2 || subject.tasks.some(isHeldBack)) return 'unconcerned';
    const { had, count, lastAt } = shared(subject, names, fairness === 'time');
    if (count < ENOUGH) return 'unconcerned';
    const [all, weights] = [sumOf(Object.values(had)), sumOf(Object.values(tenants))];
    const errorOf = (name: string): number => Math.abs((had[name] ?? 0) / all - (tenants[name] ?? 0) / weights);
    const allowed = run.settings.shareError + AT_ONCE / count;
    const wrong = names.find((name) => errorOf(name) > allowed);
    if (wrong === undefined) return 'held';
    const [share, due] = [percent((had[wrong] ?? 0) / all), percent((tenants[wrong] ?? 0) / weights)];
    return {
      at: lastAt,
      what: `tenant ${wrong} got ${share} of ${count} hand-outs, its weight says ${due}`,
      tasks: [],
    };
  },
};

interface Event {
  at: number;
  tenant: string;
  /** 1: it waits now. -1: it began. */
  waits: 1 | -1;
  /** The cost of its first attempt: one, or its time. */
  cost: number;
}

function shared({ tasks }: Subject, names: readonly string[], byTime: boolean) {
  const waiting = Object.fromEntries(names.map((name) => [name, 0]));
  const had = Object.fromEntries(names.map((name) => [name, 0]));
  let [count, lastAt] = [0, 0];
  for (const { at, tenant, waits, cost } of tasks
    .flatMap((task) => eventsOf(task, byTime))
    .sort((a, b) => a.at - b.at)) {
    const isContest = names.every((name) => (waiting[name] ?? 0) > 0);
    waiting[tenant] = (waiting[tenant] ?? 0) + waits;
    if (waits === 1 || !isContest || !(tenant in had)) continue;
    had[tenant] = (had[tenant] ?? 0) + cost;
    count++;
    lastAt = at;
  }
  return { had, count, lastAt };
}

function eventsOf(task: Subject['tasks'][0], byTime: boolean): Event[] {
  const [due, span, first] = [dueAtOf(task), runOf(task), attemptsOf(task)[0]];
  const { tenant = '' } = submitOf(task) ?? {};
  if (due === undefined || span === undefined || first === undefined) return [];
  const cost = byTime ? Math.min(first.to, span.to) - first.from : 1;
  if (!Number.isFinite(cost)) return [];
  return [
    { at: due, tenant, waits: 1, cost },
    { at: Math.max(due, span.from), tenant, waits: -1, cost },
  ];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

import { attemptsOf, besideEachOther, runOf, type Span } from '../attempts.js';
import type { DefinitionLine } from '../definition-line.js';
import { inForce, type Change } from '../definitions.js';
import { fireOf } from '../subjects.js';
import { endsTold } from '../task-history.js';
import type { SubjectRule } from './rule.js';

/**
 * Under every policy but `allow` a fire begins when the earlier one has ended, with all its attempts. `terminate-other`
 * takes the earlier one from its worker, whose handler may go on for a while: there only results that were accepted
 * count. A fire by hand may have a policy of its own, so it is no later one.
 */
export const firesApart: SubjectRule = {
  name: 'fires do not overlap',
  says: 'unless a schedule allows it, no fire begins before the earlier one has ended',
  of: 'schedule',
  needs: ['definitions'],
  nothing: 'no schedule that forbids it fired',
  judge({ name, tasks }, run) {
    const changes = run.definitions.schedule(name);
    const policies = new Set(changes.flatMap(({ op, line }) => (op === 'set' ? [policyOf(line)] : [])));
    if (tasks.length === 0 || policies.size === 0 || policies.has('allow')) return 'unconcerned';
    const terminates = policies.has('terminate-other');
    const spans = tasks.flatMap((task) => {
      const span = terminates ? acceptedOf(task) : runOf(task);
      return span === undefined ? [] : [span];
    });
    const found = besideEachOther(
      spans.filter((span) => isJudged(span, changes)),
      run,
    );
    if (found === undefined) return spans.length > 0 ? 'held' : 'unconcerned';
    const [earlier, later] = found;
    const what = `${later.task.task} began before ${earlier.task.task} had ended`;
    return { at: later.from, what, tasks: [earlier.task, later.task] };
  },
};

const policyOf = ({ overlap = 'skip' }: DefinitionLine): string => overlap;

/** The attempt whose result was accepted; `undefined`: nobody was told. */
function acceptedOf(task: Span['task']): Span | undefined {
  const accepted = endsTold(task).find(({ outcome, attempt }) => outcome === 'succeeded' && attempt !== undefined);
  return attemptsOf(task).find(({ attempt }) => attempt === accepted?.attempt);
}

/** Not where a fire was asked for by hand: what is triggered has an overlap of its own, a back-fill has `parallel`. */
function isJudged({ task, from }: Span, changes: readonly Change[]): boolean {
  const kind = fireOf(task)?.kind;
  return kind !== 'trigger' && kind !== 'backfill' && inForce(changes, from, from).length > 0;
}

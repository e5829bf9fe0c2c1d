import { attemptsOf, mayBeLate } from '../attempts.js';
import type { DefinitionLine } from '../definition-line.js';
import { inForce } from '../definitions.js';
import { inMs, type SubjectRule } from './rule.js';

type Rate = NonNullable<DefinitionLine['rate']>;

/**
 * Starts of attempts in every window: as many as the rate brings in the window and `handOutMs`, and a burst. Windows of
 * all lengths are judged at once, as by a token bucket: the next start is too early if it comes before the time that
 * all earlier ones have used up, less the burst.
 */
export const limitedRate: SubjectRule = {
  name: 'limits of rates hold',
  says: 'in no window more attempts begin than the rate and its burst allow',
  of: 'limit',
  needs: ['definitions'],
  nothing: 'nothing began under a limit of rate',
  judge({ name, tasks }, run) {
    const changes = run.definitions.limit(name);
    const { handOutMs, clockErrorMs } = run.settings;
    let isJudged = false;
    let usedUpTo = -Infinity;
    let before: Rate | undefined;
    for (const { from, task, worker } of tasks.flatMap(attemptsOf).sort((a, b) => a.from - b.from)) {
      const rates = inForce(changes, from - handOutMs - clockErrorMs, from + clockErrorMs).map(
        ({ rate }) => rate ?? null,
      );
      const [rate] = rates;
      // While it changes nobody knows what is allowed, and what was held up by a fault comes all at once.
      if (rate === null || rate === undefined || rates.length > 1 || mayBeLate({ worker, from }, run)) {
        before = undefined;
        continue;
      }
      if (before === undefined || isAnother(before, rate)) usedUpTo = -Infinity;
      before = rate;
      isJudged = true;
      const eachMs = rate.periodMs / rate.limit;
      const earlyMs = usedUpTo - from - (rate.burst - 1) * eachMs - handOutMs - clockErrorMs;
      if (earlyMs > 1e-6) {
        const allowed = `${rate.limit} in ${inMs(rate.periodMs)} and a burst of ${rate.burst}`;
        return { at: from, what: `${task.task} began ${inMs(earlyMs)} earlier than ${allowed} allow`, tasks: [task] };
      }
      usedUpTo = Math.max(usedUpTo, from) + eachMs;
    }
    return isJudged ? 'held' : 'unconcerned';
  },
};

/** With another rate the count begins anew: starts under the one before have used up other times. */
const isAnother = (a: Rate, b: Rate): boolean =>
  a.limit !== b.limit || a.periodMs !== b.periodMs || a.burst !== b.burst;

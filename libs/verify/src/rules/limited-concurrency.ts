import { attemptsOf, mayBeZombie, type Span } from '../attempts.js';
import { inForce, type Change } from '../definitions.js';
import type { Run, SubjectRule } from './rule.js';

/** A slot is free when an attempt has ended; between two attempts a task holds none. */
export const limitedConcurrency: SubjectRule = {
  name: 'limits of concurrency hold',
  says: 'never more attempts under a limit run at a time than it allows',
  of: 'limit',
  needs: ['definitions'],
  nothing: 'nothing began under a limit of concurrency',
  judge({ name, tasks }, run) {
    const changes = run.definitions.limit(name);
    const attempts = tasks.flatMap(attemptsOf).sort((a, b) => a.from - b.from);
    let open: Span[] = [];
    let isJudged = false;
    for (const attempt of attempts) {
      open = open.filter(({ to }) => to > attempt.from + run.settings.clockErrorMs);
      open.push(attempt);
      const limit = limitAt(attempt.from, changes, run);
      if (limit === undefined) continue;
      isJudged = true;
      if (open.length <= limit) continue;
      const running = open.filter((one) => one === attempt || !mayBeZombie(one, attempt.from, run));
      if (running.length <= limit) continue;
      const what = `${running.length} attempts ran at a time, it allows ${limit}`;
      return { at: attempt.from, what, tasks: running.map(({ task }) => task) };
    }
    return isJudged ? 'held' : 'unconcerned';
  },
};

/** The most that may have been allowed when the attempt was handed out; `undefined`: as many as there are. */
function limitAt(at: number, changes: readonly Change[], { settings }: Run): number | undefined {
  const lines = inForce(changes, at - settings.handOutMs - settings.clockErrorMs, at + settings.clockErrorMs);
  const limits = lines.map(({ concurrency }) => concurrency ?? Infinity);
  const most = Math.max(...limits, -Infinity);
  return Number.isFinite(most) ? most : undefined;
}

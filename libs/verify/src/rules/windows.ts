import { mayBeLate, runOf, type Span } from '../attempts.js';
import { submitOf, type Subject } from '../subjects.js';
import { inMs, type Run, type SubjectFinding, type SubjectRule } from './rule.js';

/**
 * Windows are counted from hand-outs, and a handler begins later than that: by `handOutMs` at most while nothing is done
 * to its worker. A run that may have been late itself says nothing of the window behind it.
 */
export const windows: SubjectRule = {
  name: 'throttle and debounce wait',
  says: 'runs of a throttled key are a window apart, and a debounced task waits until its key was quiet',
  of: 'key',
  needs: [],
  nothing: 'no task with mode throttle or debounce began',
  judge(subject, run) {
    const runs = subject.tasks.flatMap((task) => runOf(task) ?? []).sort((a, b) => a.from - b.from);
    const modes = new Set(runs.map(({ task }) => submitOf(task)?.unique?.mode));
    if (!modes.has('throttle') && !modes.has('debounce')) return 'unconcerned';
    return tooSoon(runs, run) ?? notQuiet(runs, subject, run) ?? 'held';
  },
};

function tooSoon(runs: readonly Span[], run: Run): SubjectFinding | undefined {
  const slackMs = run.settings.handOutMs + run.settings.clockErrorMs;
  for (const [index, later] of runs.entries()) {
    const earlier = runs[index - 1];
    const everyMs = submitOf(later.task)?.unique?.everyMs;
    if (earlier === undefined || everyMs === undefined || !isPunctual(earlier, run)) continue;
    if (submitOf(earlier.task)?.unique?.everyMs !== everyMs) continue;
    const gapMs = later.from - earlier.from;
    if (gapMs >= everyMs - slackMs) continue;
    const what = `${later.task.task} began ${inMs(gapMs)} after ${earlier.task.task}, its window is ${inMs(everyMs)}`;
    return { at: later.from, what, tasks: [earlier.task, later.task] };
  }
  return undefined;
}

/** Its first attempt is the first start that was written, and its worker was well. */
const isPunctual = (span: Span, run: Run): boolean =>
  span.task.effects.some(({ type, attempt, at }) => type === 'start' && attempt === 1 && at === span.from) &&
  !mayBeLate(span, run);

/** The time of a burst is over `quietMs` after its newest submit, or `maxMs` after its first one. */
function notQuiet(runs: readonly Span[], { tasks }: Subject, run: Run): SubjectFinding | undefined {
  const asked = tasks.flatMap((task) => submitOf(task)?.at ?? []).sort((a, b) => a - b);
  let since = -Infinity;
  for (const { task, from } of runs) {
    const submit = submitOf(task);
    const { quietMs, maxMs = Infinity } = submit?.unique ?? {};
    // Submits that were asked for shortly before the run before may belong to this burst as well.
    const first = asked.find((at) => at > since) ?? from;
    since = submit?.at ?? from;
    if (submit === undefined || quietMs === undefined) continue;
    const waitedMs = from - submit.at + run.settings.clockErrorMs;
    if (waitedMs >= quietMs || from - first + run.settings.clockErrorMs >= maxMs) continue;
    const what = `${task.task} began ${inMs(from - submit.at)} after it was asked for, its key must be quiet for ${inMs(quietMs)}`;
    return { at: from, what, tasks: [task] };
  }
  return undefined;
}

import { mayBeLate, runOf, type Span } from '../attempts.js';
import { touches } from '../faults.js';
import { isBefore, placeOf, type Place } from '../order.js';
import { submitOf, type Subject } from '../subjects.js';
import type { TaskHistory } from '../task-history.js';
import { expiryMs, inMs, type Run, type SubjectFinding, type SubjectRule } from './rule.js';

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

/**
 * The time of a burst is over `quietMs` after its newest submit, or `maxMs` after its first one. If no worker is free then,
 * or the leader cannot write, a newer task goes in its place at once.
 */
function notQuiet(runs: readonly Span[], { tasks }: Subject, run: Run): SubjectFinding | undefined {
  const submits = tasks.flatMap(submitted).sort((a, b) => a.place.askedAt - b.place.askedAt);
  for (const [index, { task, from }] of runs.entries()) {
    const own = submits.find((submit) => submit.task === task);
    const { quietMs, maxMs = Infinity } = submitOf(task)?.unique ?? {};
    if (own === undefined || quietMs === undefined) continue;
    const burst = burstOf(own, runs[index - 1]?.task, submits);
    const waitedMs = from - own.place.askedAt + run.settings.clockErrorMs;
    const burstMs = from - Math.min(...burst.map(({ since }) => since)) + run.settings.clockErrorMs;
    if (waitedMs >= quietMs || burstMs >= maxMs || wasDue(burst, from, run)) continue;
    const what = `${task.task} began ${inMs(from - own.place.askedAt)} after it was asked for, its key must be quiet for ${inMs(quietMs)}`;
    return { at: from, what, tasks: [task] };
  }
  return undefined;
}

interface Submitted {
  task: TaskHistory;
  place: Place;
  /** The earliest time at which it can have been in its burst. */
  since: number;
  quietMs: number;
}

function submitted(task: TaskHistory): Submitted | [] {
  const submit = submitOf(task);
  const isRefused = task.operations.some(({ op, type }) => op === 'submit' && type === 'fail');
  if (submit === undefined || isRefused) return [];
  return { task, place: placeOf(task), since: submit.at, quietMs: submit.unique?.quietMs ?? 0 };
}

/** Those that may have come after the one that ran before, and not after `own`: an unknown answer may stand for either. */
function burstOf(own: Submitted, before: TaskHistory | undefined, submits: readonly Submitted[]): Submitted[] {
  const last = before === undefined ? undefined : placeOf(before);
  const burst = submits.filter(
    ({ task, place }) => task !== before && !isBefore(own.place, place) && (!last || !isBefore(place, last)),
  );
  return burst.map((submit) => ({ ...submit, since: Math.max(submit.since, last?.askedAt ?? submit.since) }));
}

/** Whether the key was quiet for long enough at some time of the burst, as far as the leader can have known. */
function wasDue(burst: readonly Submitted[], from: number, { faults, settings }: Run): boolean {
  return burst.some(({ since, quietMs }, index) => {
    const next = burst[index + 1];
    if (next === undefined || since + quietMs > from) return false;
    const isTroubled = faults.some((fault) => touches(fault, since, from, expiryMs(settings)));
    return isTroubled || since + quietMs <= next.place.acknowledgedAt + settings.handOutMs;
  });
}

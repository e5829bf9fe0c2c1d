import type { RunView, StepView } from '@drover/flow';
import type { WhyRecord } from '@drover/protocol';

type Reason = WhyRecord['reasons'][number];

/**
 * Pure. Why a run has not ended: what each of its steps waits for, the first ones first. A step that runs names some of its
 * tasks, of which `why` says more. `now`: milliseconds since 1970.
 */
export function whyRun({ state, reason, steps }: RunView, now: number): WhyRecord {
  const reasons = Object.entries(steps).flatMap(([name, step]) => reasonsOf(name, step, now));
  const ended = `the run has ended: ${state}${reason === undefined ? '' : ` (${reason})`}`;
  const isOver = state !== 'waiting' && state !== 'running';
  return {
    state,
    reasons: isOver ? [{ code: 'run-ended', blocking: true, text: ended, state }] : reasons,
    line: null,
    workers: null,
    asOf: now,
  };
}

function reasonsOf(name: string, step: StepView, now: number): Reason[] {
  if (step.state === 'running' && step.waitsFor === undefined) {
    const { tasks, done, of } = step;
    return [
      { code: 'step-running', blocking: true, text: `step ${name} runs${progress(done, of)}`, step: name, tasks },
    ];
  }
  return step.waitsFor === undefined ? [] : [waitReason(name, step.waitsFor, now)];
}

/** The reason that a step waits for something; `name`: of the step. */
export function waitReason(name: string, waits: NonNullable<StepView['waitsFor']>, now: number): Reason {
  const step = { step: name, blocking: true };
  switch (waits.kind) {
    case 'steps': {
      const others = waits.steps.map((other) => `${other.step}${progress(other.done, other.of)}`);
      return {
        ...step,
        code: 'waiting-step',
        text: `step ${name} waits for ${others.join(', ')}`,
        behind: waits.steps,
      };
    }
    case 'time':
      return {
        ...step,
        code: 'not-due',
        text: `step ${name} waits for its time, in ${secondsOf(waits.until - now)}`,
        dueAt: waits.until,
        cause: 'step',
      };
    case 'signal': {
      const { answers, until } = waits;
      const which = answers.length === 0 ? '' : ` (${answers.join(', ')})`;
      const limit = until === null ? '' : `, for ${secondsOf(until - now)} more`;
      return { ...step, code: 'approval', text: `step ${name} waits for its signal${which}${limit}`, answers, until };
    }
    case 'turn':
      return {
        ...step,
        code: 'flow-turn',
        text: `as many runs of its flow are under way as it allows: ${waits.ahead} wait before it`,
        ahead: waits.ahead,
      };
    case 'fire': {
      const behind = `an earlier fire of schedule ${waits.schedule}`;
      return { ...step, code: 'waiting-fire', text: `its run waits for ${behind}`, behind };
    }
  }
}

/** Nothing where it is one task. */
const progress = (done: number, of: number | null): string =>
  of === 1 ? '' : of === null ? ` (${done} so far)` : ` (${done} of ${of})`;

const secondsOf = (ms: number): string => `${Math.max(0, ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;

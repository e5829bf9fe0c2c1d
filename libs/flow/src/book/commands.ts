import { nearest, toRanges } from '@drover/core';
import { HELD, isOver, RUNNING } from './codes.js';
import { beginFired, drain, queueRun } from './drain.js';
import { hasEnded, haltOf, isAlive } from './ends.js';
import type { FlowState, GivenAnswer } from './flow-state.js';
import { haltRun } from './halts.js';
import type {
  Asker,
  CancelAnswer,
  CloseAnswer,
  GivenSignal,
  Refusal,
  RetryAnswer,
  RunName,
  SignalAnswer,
} from './model.js';
import { addNote, mutable } from './notes.js';
import { resetRun, stepsToReset } from './reset.js';
import { takeAnswer } from './starts.js';
import { fanOf, type BookState } from './state.js';

const refuse = (code: Refusal['code'], message: string): Refusal => ({ ok: false, code, message });
const textOf = ({ flow, run }: RunName): string => `${flow}.${run}`;

/** The flow of a run that commands may be about. */
function find(state: BookState, run: RunName): FlowState | Refusal {
  if (!state.hasBegun) return refuse('not-read', 'the leader has not read everything yet: try again');
  const flow = state.flows.get(run.flow);
  if (flow === undefined || !Number.isInteger(run.run) || run.run < 0 || run.run >= flow.count || flow.removed)
    return refuse('unknown-run', `there is no run ${textOf(run)}: it never was, or is no longer kept`);
  if (flow.plan !== null || hasEnded(flow, run.run)) return flow;
  return refuse('not-read', `the plan of run ${textOf(run)} is not read yet: try again`);
}

const isRefusal = (found: FlowState | Refusal): found is Refusal => 'ok' in found;

function endText(flow: FlowState, run: number): string {
  const state = flow.endOf(run)?.state ?? 'ended';
  return state === 'cancelled' ? 'the run was cancelled' : `the run has ${state}`;
}

export function signal(
  state: BookState,
  name: RunName,
  stepName: string,
  { answer, payload, by, reason }: GivenSignal,
): SignalAnswer {
  const flow = find(state, name);
  if (isRefusal(flow)) return flow;
  const { run } = name;
  const step = flow.plan?.at.get(stepName) ?? -1;
  const of = flow.plan?.steps[step]?.step;
  if (of?.kind !== 'signal') return refuse('unknown-step', unknownSignal(flow, stepName));
  const { answers } = of;
  if (answers === undefined ? answer !== undefined : !answers.includes(answer ?? ''))
    return refuse(
      'unknown-answer',
      answers === undefined
        ? `signal '${stepName}' takes no answer, got '${answer ?? ''}'`
        : `signal '${stepName}' takes one of ${answers.map((each) => `'${each}'`).join(', ')}, got ${answer === undefined ? 'none' : `'${answer}'`}`,
    );
  const key = flow.key(run, step);
  const given = flow.signals?.get(key);
  if (given !== undefined)
    return given.answer === (answer ?? null)
      ? { ok: true, repeated: true }
      : refuse('answered', `signal '${stepName}' was answered before: ${givenText(given)}. The first answer counts`);
  const why = whyNoSignal(flow, run, step);
  if (why !== null) return refuse('ended', why);
  const who = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  const said = answer === undefined ? {} : { answer };
  const note = addNote(state, flow, { kind: 'signal', run, step: stepName, ...said, payload, ...who, at: state.now });
  (flow.signals ??= new Map()).set(key, { answer: answer ?? null, note, by: by ?? null, at: state.now });
  if (flow.code(run, step) === RUNNING) takeAnswer(state, flow, run, step);
  drain(state);
  return { ok: true, repeated: false };
}

const givenText = ({ answer, by, at }: GivenAnswer): string =>
  `'${answer ?? ''}'${by === null ? '' : ` by ${by}`}, ${new Date(at).toISOString()}`;

function unknownSignal(flow: FlowState, given: string): string {
  const signals = (flow.plan?.steps ?? []).filter(({ step }) => step.kind === 'signal').map(({ name }) => name);
  const near = nearest(given, signals);
  if (signals.length === 0)
    return `flow '${flow.header.name}' waits for no signal, so '${given}' is none of its signals`;
  const has = signals.map((each) => `'${each}'`).join(', ');
  return `flow '${flow.header.name}' has no signal '${given}'; it has ${has}${near === null ? '' : `. Did you mean '${near}'?`}`;
}

/** Null: a signal counts, now or when the run comes to the step. */
function whyNoSignal(flow: FlowState, run: number, step: number): string | null {
  const name = flow.plan?.steps[step]?.name ?? '';
  if (hasEnded(flow, run)) return endText(flow, run);
  if (isOver(flow.code(run, step)))
    return flow.timeouts?.has(flow.key(run, step)) === true
      ? `the time for signal '${name}' is over`
      : `the run is past signal '${name}'`;
  if (flow.header.parent !== undefined && flow.runs[run] === HELD) return null;
  return haltOf(flow, run, step) === null ? null : 'the run is being cancelled';
}

export function cancel(
  state: BookState,
  name: RunName,
  { by, reason, force }: Asker & { readonly force?: boolean },
): CancelAnswer {
  const flow = find(state, name);
  if (isRefusal(flow)) return flow;
  const { run } = name;
  if (hasEnded(flow, run)) return refuse('ended', endText(flow, run));
  // Its steps are judged, so that those end which nothing may start any more.
  if (flow.waitsForFire) beginFired(state, flow);
  if (!isAlive(flow, run)) return refuse('not-read', 'nothing says yet that the run is to run: try again');
  const who = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  const forcedAt = force === true ? state.now : null;
  const isNews = haltRun(state, flow, run, { cause: 'asked', at: state.now, forcedAt, ...who });
  drain(state);
  return { ok: true, repeated: !isNews };
}

/** All runs that are retried alike are in one note. */
export function retry(
  state: BookState,
  names: readonly RunName[],
  given: Asker & { readonly from?: string },
): RetryAnswer[] {
  const retried = new Map<FlowState, Map<number, number[]>>();
  const answers = names.map((name): RetryAnswer => {
    const flow = find(state, name);
    if (isRefusal(flow)) return flow;
    const answer = retryRun(flow, name.run, given.from);
    if (!answer.ok) return answer;
    const runs = retried.get(flow) ?? new Map<number, number[]>();
    retried.set(flow, runs.set(answer.generation, [...(runs.get(answer.generation) ?? []), name.run]));
    return answer;
  });
  for (const [flow, runs] of retried)
    for (const [generation, of] of runs) noteRetry(state, flow, generation, of, given);
  drain(state);
  return answers;
}

function retryRun(flow: FlowState, run: number, from: string | undefined): RetryAnswer {
  if (flow.plan === null)
    return refuse(
      'invalid-plan',
      `${flow.invalid ?? 'its plan is not there'}; a retry cannot mend it: start a new run`,
    );
  // The note of its end comes before that of the retry.
  if (flow.ending.includes(run)) return refuse('not-ended', 'the end of the run is not written yet: try again');
  if (!hasEnded(flow, run)) return refuse('not-ended', 'the run has not ended; a run is retried when it has');
  if (flow.header.parent !== undefined)
    return refuse('not-ended', `task ${flow.header.parent} became this run: retry the run of that task`);
  const root = from === undefined ? null : (flow.plan.at.get(from) ?? -1);
  if (root === -1) {
    const near = nearest(from ?? '', [...flow.plan.at.keys()]);
    return refuse(
      'unknown-step',
      `flow '${flow.header.name}' has no step '${from ?? ''}'${near === null ? '' : `; did you mean '${near}'?`}`,
    );
  }
  const steps = stepsToReset(flow, run, root);
  if (steps === null) return refuse('nothing-failed', 'no step of the run has failed; name the step to begin from');
  resetRun(flow, run, steps, root);
  const names = [...steps].sort((a, b) => a - b).map((step) => flow.plan?.steps[step]?.name ?? '');
  return { ok: true, generation: flow.generation(run), steps: names };
}

function noteRetry(
  state: BookState,
  flow: FlowState,
  gen: number,
  runs: readonly number[],
  { from, by, reason }: Asker & { readonly from?: string },
): void {
  const at = state.now;
  const who = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
  const ranges = toRanges([...new Set(runs)].sort((a, b) => a - b));
  addNote(state, flow, {
    kind: 'retry',
    runs: mutable(ranges),
    ...(from === undefined ? {} : { from }),
    gen,
    ...who,
    at,
  });
  state.reopening.add(flow);
  const deadlineMs = flow.header.deadlineMs ?? flow.plan?.plan.deadlineMs;
  for (const run of runs) {
    (flow.retriedAt ??= new Map()).set(run, at);
    if (deadlineMs !== undefined) state.at(at + deadlineMs, { kind: 'deadline', flow, run, generation: gen });
    queueRun(state, flow, run);
  }
}

/** All open maps of the run take no more items. */
export function close(state: BookState, name: RunName): CloseAnswer {
  const flow = find(state, name);
  if (isRefusal(flow)) return flow;
  const { run } = name;
  const open = (flow.plan?.steps ?? []).flatMap(({ step }, at) =>
    step.kind === 'map' && 'open' in step.items ? [at] : [],
  );
  if (open.length === 0) return refuse('unknown-step', `flow '${flow.header.name}' is no group: it has no open map`);
  const fans = open.map((step) => fanOf(flow, run, step));
  const items = fans.reduce((sum, fan) => sum + fan.size, 0);
  if (fans.every(({ closedBy }) => closedBy !== null)) return { ok: true, items, repeated: true };
  if (hasEnded(flow, run)) return refuse('ended', endText(flow, run));
  for (const fan of fans) {
    if (fan.closedBy !== null) continue;
    const step = flow.plan?.steps[fan.step]?.name ?? '';
    fan.closedBy = addNote(state, flow, { kind: 'closed', run, step, items: fan.size, at: state.now });
  }
  drain(state);
  return { ok: true, items, repeated: false };
}

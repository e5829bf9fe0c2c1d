import { CANCELLED, FAILED, isOver, OPEN, QUEUED } from './codes.js';
import type { FlowState, Halt } from './flow-state.js';
import type { BookState } from './state.js';

/** Sets how a step has ended, and what is to be looked at now. `reason`: where no task tells it. */
export function endStep(
  state: BookState,
  flow: FlowState,
  run: number,
  step: number,
  code: number,
  reason?: string,
): void {
  const key = flow.key(run, step);
  if (isOver(flow.steps[key] ?? 0)) return;
  flow.steps[key] = code;
  state.changed.add(flow);
  if (reason !== undefined) (flow.reasons ??= new Map()).set(key, reason);
  const left = (flow.left[run] ?? 0) - 1;
  flow.left[run] = left;
  const index = flow.plan?.steps[step];
  for (const next of index?.next ?? []) state.work.push({ kind: 'judge', flow, run, step: next });
  if (isBad(flow, step, code) && (flow.plan?.plan.onFailure ?? 'continue') !== 'continue')
    state.work.push({ kind: 'policy', flow, run });
  if (left === 0) state.work.push({ kind: 'run-ended', flow, run });
}

/** The run fails by it. */
export const isBad = (flow: FlowState, step: number, code: number): boolean =>
  (code === FAILED || code === CANCELLED) && flow.plan?.steps[step]?.step.mayFail !== true;

/** Null: nothing keeps the step from starting, or from going on. */
export function haltOf(flow: FlowState, run: number, step: number): Halt | null {
  const halt = flow.halts?.get(run) ?? null;
  if (halt === null || flow.plan?.steps[step]?.step.finally !== true) return halt;
  return halt.forcedAt === null ? null : { ...halt, at: halt.forcedAt };
}

/** The policy of the flow lets end what runs, so it is not cancelled. */
export const mayEnd = (flow: FlowState, { cause }: Halt): boolean =>
  cause === 'policy' && flow.plan?.plan.onFailure === 'stop';

/**
 * Takes a halt beside the one before: what was ended by the first stays so. False: the first says as much. A cancel that
 * somebody asks for, or the deadline, goes further than the policy of the flow, and force further than any.
 */
export function addHalt(flow: FlowState, run: number, halt: Halt): boolean {
  const before = flow.halts?.get(run);
  const isMore =
    before === undefined ||
    (halt.forcedAt !== null && before.forcedAt === null) ||
    (before.cause === 'policy' && halt.cause !== 'policy');
  if (!isMore) return false;
  const forcedAt = before?.forcedAt ?? halt.forcedAt;
  (flow.halts ??= new Map()).set(run, { ...halt, at: before?.at ?? halt.at, forcedAt });
  return true;
}

export const hasEnded = (flow: FlowState, run: number): boolean => (flow.runs[run] ?? 0) > OPEN;
export const isAlive = (flow: FlowState, run: number): boolean => flow.runs[run] === OPEN || flow.runs[run] === QUEUED;

/** The names of the steps by which a run fails, in the order of the plan. */
export function failedSteps(flow: FlowState, run: number): number[] {
  const failed: number[] = [];
  for (let step = 0; step < (flow.plan?.steps.length ?? 0); step++)
    if (isBad(flow, step, flow.code(run, step))) failed.push(step);
  return failed;
}

/** How the run stands by now; at its end: how it has ended. */
export function outcomeOf(
  flow: FlowState,
  run: number,
): { state: 'succeeded' | 'failed' | 'cancelled'; failed: string[]; reason?: string } {
  const bad = failedSteps(flow, run);
  const halt = flow.halts?.get(run);
  const first = bad.find((step) => flow.code(run, step) === FAILED) ?? bad[0];
  // Steps that a halt has cancelled have not failed.
  const failed = halt === undefined ? bad : bad.filter((step) => flow.code(run, step) === FAILED);
  if (halt?.cause === 'policy' && failed.length === 0 && first !== undefined) failed.push(first);
  const names = failed.map((step) => flow.plan?.steps[step]?.name ?? '');
  if (halt?.cause === 'asked') {
    const reason = halt.reason ?? (halt.by === undefined ? undefined : `cancelled by ${halt.by}`);
    return { state: 'cancelled', failed: names, ...(reason === undefined ? {} : { reason }) };
  }
  if (halt?.cause === 'deadline') return { state: 'failed', failed: names, reason: 'its deadline is over' };
  if (first === undefined) return { state: 'succeeded', failed: [] };
  const why = flow.reason(run, first);
  const how = flow.code(run, first) === FAILED ? 'failed' : 'was cancelled';
  const name = flow.plan?.steps[first]?.name ?? '';
  return { state: 'failed', failed: names, reason: `step ${name} ${how}${why === undefined ? '' : `: ${why}`}` };
}

import type { CallEnd } from '../execution/executor.js';
import { endOfThrown } from '../execution/failure.js';
import { expand } from './expand.js';
import type { StepCall } from './step-call.js';

/** Nobody ends it: an attempt that is aborted is not waited for. */
const NEVER = new AbortController().signal;

/**
 * Writes what must be there before the end of a step is reported: the run that it becomes, or the items of a list that
 * nobody has written yet, as those of built-in types. `null`: nothing. Resolves with the end to report; never rejects.
 */
export function moreOf(step: StepCall, end: CallEnd): Promise<CallEnd> | null {
  if (end.outcome !== 'succeeded') return null;
  const { becomes } = end;
  if (becomes !== undefined) return unlessRefused(become(step, becomes));
  if (!step.place.expands || end.step !== undefined) return null;
  const list: unknown = JSON.parse(end.result);
  return unlessRefused(expand(list, { signal: NEVER, ask: (what) => step.answer(what) }));
}

async function become(step: StepCall, { text, input }: { text: string; input: string }): Promise<CallEnd> {
  const run = await step.become(text, input);
  return { outcome: 'succeeded', result: 'null', step: { becomes: run } };
}

const unlessRefused = (end: Promise<CallEnd>): Promise<CallEnd> => end.catch((error: unknown) => endOfThrown(error));

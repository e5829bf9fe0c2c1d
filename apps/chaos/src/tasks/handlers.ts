/**
 * The handlers of a chaos run. Each attempt writes to the effect log when it begins and when it ends, and to the
 * external resource at both times. Their settings come from the environment (`EFFECTS`, `RESOURCE`), as handlers have
 * no other.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { defineHandlers, type TaskContext } from '@drover/core';
import type { Effect } from '@drover/verify';
import { Journal } from '../journal.js';
import { ResourceClient } from '../resource/resource-client.js';
import { monotonicMs } from '../time.js';
import { EFFECTS, RESOURCE } from './environment.js';
import type { AtEach, Listed, Part, StepTypes, WorkPayload, WorkResult, WorkTypes } from './kinds.js';

const effects = new Journal(process.env[EFFECTS] ?? '');
const resource = new ResourceClient(process.env[RESOURCE] ?? '');

/** Undefined: the result says who ran it. */
type Deed<Payload = WorkPayload> = (payload: Payload, context: TaskContext) => unknown;

const doing =
  <Payload extends object, Result = WorkResult>(deed: Deed<Payload>) =>
  async (payload: Payload, context: TaskContext): Promise<Result> => {
    const { id, attempt, worker, signal } = context;
    const { task, ...about } = namedIn(payload, context);
    const token = String(context.fencingToken);
    const tell = (type: 'start' | 'end' | 'aborted', more: Partial<Effect> = {}): void => {
      effects.write({ at: monotonicMs(), type, task, id, attempt, token, worker, ...about, ...more });
    };
    const write = async (): Promise<void> => {
      if (await resource.write({ task, token, attempt, worker })) return;
      throw new Error('the resource has seen a later attempt');
    };
    tell('start');
    let given: unknown;
    try {
      await write();
      given = await deed(payload, context);
      await write();
    } catch (error) {
      if (signal.aborted) tell('aborted', { cause: causeOf(signal) });
      else tell('end', { outcome: 'failed' });
      throw error;
    }
    const value = given ?? { task, attempt, worker };
    tell('end', { outcome: 'succeeded', value });
    return value as Result;
  };

/** The name of the task in every history, and what made it: a schedule, a run, a broadcast, or a client. */
function namedIn(payload: object, { fire, flow, worker }: TaskContext): { task: string } & Partial<Effect> {
  if (fire !== undefined) return { task: fire.id, fire: { ...fire } };
  if (flow !== undefined) {
    const { run, step, index, generation } = flow;
    const task = `${run}/${step}${index === undefined ? '' : `#${index}`}~${generation}`;
    return { task, flow: { run, step, generation, ...(index === undefined ? {} : { index }) } };
  }
  const { task = '', broadcast } = payload as Partial<WorkPayload & AtEach>;
  return broadcast === undefined ? { task } : { task: `${broadcast} at ${worker}`, broadcast };
}

/** The cause for which Drover aborts the attempt: `timed-out`, `cancelled`, ... */
function causeOf({ reason }: AbortSignal): string {
  return String((reason as { abortCause?: unknown } | undefined)?.abortCause ?? reason);
}

async function fail(payload: WorkPayload, context: TaskContext): Promise<void> {
  if (payload.ms > 0) await wait(payload, context);
  const [{ failures }, { attempt }] = [payload, context];
  if (attempt <= failures) throw new Error(`attempt ${attempt} fails, as it should`);
}

async function wait({ ms }: WorkPayload, { signal }: TaskContext): Promise<void> {
  await delay(ms, undefined, { signal });
}

async function hang(_payload: WorkPayload, { signal }: TaskContext): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

function compute({ ms }: WorkPayload): void {
  const end = monotonicMs() + ms;
  while (monotonicMs() < end);
}

/** The items of a map. */
const list = ({ items }: Listed): Part[] => [...items];

/** Of a retried run none fails. */
function part({ value, failures }: Part, { attempt, flow }: TaskContext): number {
  if (attempt <= failures && flow?.generation === 0) throw new Error(`attempt ${attempt} fails, as it should`);
  return value;
}

const sum = ({ results }: { results: number[] }): number => results.reduce((total, each) => total + each, 0);

export default defineHandlers<WorkTypes & StepTypes>({
  list: doing<Listed, Part[]>(list),
  part: doing<Part, number>(part),
  sum: doing<{ results: number[] }, number>(sum),
  each: doing<AtEach>(() => undefined),
  quick: doing(() => undefined),
  slow: doing(wait),
  flaky: doing(fail),
  hanging: doing(hang),
  computing: { run: doing(compute), kind: 'compute' },
});

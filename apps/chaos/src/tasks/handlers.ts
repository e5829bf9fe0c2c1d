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
import type { WorkPayload, WorkResult, WorkTypes } from './kinds.js';

const effects = new Journal(process.env[EFFECTS] ?? '');
const resource = new ResourceClient(process.env[RESOURCE] ?? '');

type Deed = (payload: WorkPayload, context: TaskContext) => Promise<void> | void;

const doing =
  (deed: Deed) =>
  async (payload: WorkPayload, context: TaskContext): Promise<WorkResult> => {
    const { id, attempt, worker, signal, fire } = context;
    const task = fire?.id ?? payload.task;
    const token = String(context.fencingToken);
    const about = fire === undefined ? {} : { fire: { ...fire } };
    const tell = (type: 'start' | 'end' | 'aborted', more: Partial<Effect> = {}): void => {
      effects.write({ at: monotonicMs(), type, task, id, attempt, token, worker, ...about, ...more });
    };
    const write = async (): Promise<void> => {
      if (await resource.write({ task, token, attempt, worker })) return;
      throw new Error('the resource has seen a later attempt');
    };
    tell('start');
    try {
      await write();
      await deed(payload, context);
      await write();
    } catch (error) {
      if (signal.aborted) tell('aborted', { cause: causeOf(signal) });
      else tell('end', { outcome: 'failed' });
      throw error;
    }
    const value = { task, attempt, worker };
    tell('end', { outcome: 'succeeded', value });
    return value;
  };

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

export default defineHandlers<WorkTypes>({
  quick: doing(() => undefined),
  slow: doing(wait),
  flaky: doing(fail),
  hanging: doing(hang),
  computing: { run: doing(compute), kind: 'compute' },
});

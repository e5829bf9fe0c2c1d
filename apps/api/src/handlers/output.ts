import type { ResultsAnswer } from '@drover/api';
import { FlowCancelledError, FlowFailedError, RunNotFoundError, RunTimeoutError } from '@drover/client';
import { Places, readSignal, readStoredRun, RunReader } from '@drover/inspect';
import { InvalidArgumentError, parseTaskId } from '@drover/core';
import type { ReadRecord } from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { waitOf } from './asked.js';
import { seenHeader } from './flows.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { isOfSeenQueue, planOf, type Plan } from './plans.js';

/** Results that are remembered, of each session. */
const KEPT_BYTES = 4 << 20;
const READERS = new WeakMap<ZooKeeper, RunReader>();

/** `GET /v1/flows/:run/output`. */
export const outputHandlers: Handlers = {
  getOutput: async (asked, context) => {
    const { run, plan: hash } = await seenHeader(asked, context);
    const { step, wait } = asked.query as { step?: string; wait?: string };
    if (step !== undefined && wait !== undefined)
      throw new InvalidArgumentError('wait', wait, 'none with a step: wait for the run, or ask again');
    const plan = await planOf(hash, context);
    if (step === undefined) return outputOfRun(asked, run, plan, context);
    if (plan.steps[step] === undefined)
      throw new InvalidArgumentError('step', step, `a step of the flow '${plan.name}'`);
    mustSeeSteps([step], plan, asked);
    return outputOfStep(asked, run, step, context);
  },
};

async function outputOfRun(asked: Asked, run: string, plan: Plan, context: ApiContext): Promise<Answer> {
  const ms = waitOf(asked.query.wait);
  mustSeeSteps(Object.keys(plan.steps), plan, asked);
  if (ms > 0) await context.waits.waiting(() => untilEnded(run, ms, asked, context));
  return context.stored(
    context.zk().then(async (zk): Promise<Answer> => {
      const stored = await readStoredRun(zk, run);
      if (stored === null) throw new RunNotFoundError(run);
      const { end } = stored;
      if (end === null) return { status: 202, json: { run, state: 'running' }, headers: { 'retry-after': '1' } };
      const { state, reason, outputs } = end;
      const said = { run, state, ...(reason === null ? {} : { reason }) };
      if (state !== 'succeeded') return { status: 200, json: said };
      const { batch = '', index = 0 } = parseTaskId(run) ?? {};
      const output = await readerOf(zk, context).output(batch, index, outputs);
      return { status: 200, json: { ...said, output: context.access.returnedValue(output) } };
    }),
  );
}

/** However it ends. */
async function untilEnded(run: string, ms: number, { signal }: Asked, { drover }: ApiContext): Promise<void> {
  try {
    await drover.flowRun(run).result({ timeout: ms, signal });
  } catch (error) {
    const isTold = [RunTimeoutError, FlowFailedError, FlowCancelledError].some((kind) => error instanceof kind);
    if (!isTold) throw error;
  }
}

async function outputOfStep(asked: Asked, run: string, step: string, context: ApiContext): Promise<Answer> {
  const found = await context.askLeader('results', { run, step });
  const said = { run, step, state: 'waiting' };
  if (found === 'unknown') return { status: 202, json: said, headers: { 'retry-after': '1' } };
  const { kind, state, reason } = found;
  const json = { ...said, state, ...(reason === undefined ? {} : { reason }) };
  const isOver = !['waiting', 'running'].includes(state);
  if (!isOver) return { status: 202, json, headers: { 'retry-after': '1' } };
  if (kind === 'map') return { status: 200, json: { ...json, ...(await itemsOf(asked, run, step, found, context)) } };
  if (state !== 'succeeded') return { status: 200, json };
  const { batch = '', index = 0 } = parseTaskId(run) ?? {};
  const output = await reading(context, async (zk, reader) => {
    const place = new Places(found.reads as ReadRecord[]).find(step, index);
    if (place === null) return null;
    if (place.kind === 'note') return readSignal(zk, batch, index, step, place.note);
    const end = (await reader.ends.of(place.batch, [place.index])).get(place.index);
    return end === undefined ? null : reader.value(end);
  });
  return { status: 200, json: { ...json, output: context.access.returnedValue(output) } };
}

/** A page of the results of a map, in the order of its items. */
async function itemsOf(
  asked: Asked,
  run: string,
  step: string,
  { reads, items: all }: ResultsAnswer,
  context: ApiContext,
): Promise<{ items: unknown[]; next: string | null }> {
  const { limit, cursor } = asked.query as { limit: number; cursor?: string };
  const list = ['items', run, step];
  const from = Number(readCursor(cursor, list)?.[0] ?? 0);
  const to = Math.min(from + limit, all ?? 0);
  const items: unknown[] = Array.from({ length: to - from }, () => null);
  await reading(context, async (_zk, reader) => {
    for (const { at, batch, index, count } of new Places(reads as ReadRecord[]).tasks(step, from, to)) {
      const ends = await reader.ends.of(
        batch,
        Array.from({ length: count }, (_, i) => index + i),
      );
      for (let i = 0; i < count; i++) {
        const end = ends.get(index + i);
        if (end === undefined) continue;
        const isFailed = 'error' in end;
        items[at + i - from] = isFailed
          ? { error: { name: end.error.name, message: end.error.message } }
          : context.access.returnedValue(await reader.value(end));
      }
    }
  });
  return { items, next: to < (all ?? 0) ? cursorOf(list, [to]) : null };
}

const reading = <T>(context: ApiContext, act: (zk: ZooKeeper, reader: RunReader) => Promise<T>): Promise<T> =>
  context.stored(context.zk().then((zk) => act(zk, readerOf(zk, context))));

function readerOf(zk: ZooKeeper, { runtime }: ApiContext): RunReader {
  const found = READERS.get(zk) ?? new RunReader(zk, runtime, KEPT_BYTES);
  READERS.set(zk, found);
  return found;
}

/** A result may be made of those of steps of other queues. */
function mustSeeSteps(steps: readonly string[], plan: Plan, { caller }: Asked): void {
  if (steps.every((step) => isOfSeenQueue(plan, step, caller))) return;
  throw new ApiError('forbidden', 'results of steps in queues that you may not see are in it', {
    needs: 'a role for the queues of all steps',
  });
}

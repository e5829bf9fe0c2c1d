import type { Flow, StartOptions } from '@drover/client';
import { DEFAULT_QUEUE, InvalidArgumentError } from '@drover/core';
import { flowOf, parsePlan } from '@drover/flow';
import type * as z from 'zod';
import { schemas } from '@drover/api';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { checked } from '../server/validate.js';
import { jsonLines } from '../submit/ndjson.js';
import { askedBy, mustSee, mustShareNoKey } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { queueOfStep } from './plans.js';
import { replayOf, startedOnce } from './request-of.js';

type Input = z.output<typeof schemas.startRunInput>;

/** `POST /v1/flows`: one document, or lines of which the first is the run and each further one an item of its map. */
export const startHandlers: Handlers = {
  startRun: (asked, context) =>
    isStream(asked.body) ? startStream(asked, asked.body, context) : start(asked, context),
};

async function start(asked: Asked, context: ApiContext): Promise<Answer> {
  const { flow, input, options } = checkedStart(asked.body as Input, asked);
  const run = await startedOnce(asked, context, (once) => context.drover.start(flow, input, { ...options, ...once }));
  return answerOf(run, flow);
}

export function answerOf(
  { id, deduplicated, replayed }: { id: string; deduplicated: boolean; replayed: boolean },
  { name }: Pick<Flow, 'name'>,
): Answer {
  const isThere = deduplicated || replayed;
  const json = { run: id, flow: name, deduplicated };
  return { status: isThere ? 200 : 201, json, headers: replayOf(replayed), audit: { object: id } };
}

/** Items are read as fast as ZooKeeper takes them; the run begins when all of them are there, and the answer comes then. */
async function startStream(asked: Asked, body: AsyncIterable<Uint8Array>, context: ApiContext): Promise<Answer> {
  if (asked.headers['idempotency-key'] !== undefined)
    throw new ApiError('invalid-argument', 'a stream takes no Idempotency-Key: give the run a key with `unique`', {
      field: 'Idempotency-Key',
    });
  const lines = jsonLines(body);
  const first = await lines.next();
  if (first.done === true) throw new ApiError('invalid-argument', 'line 1: expected the run', { field: 'line 1' });
  const given = checked(schemas.startRunInput, first.value.value, 'line 1');
  const { flow, input, options } = checkedStart(given, { ...asked, body: given });
  const items = { [mapOf(flow)]: valuesOf(lines) };
  return answerOf(await context.drover.start(flow, input, { ...options, items }), flow);
}

async function* valuesOf(lines: AsyncIterable<{ value: unknown }>): AsyncGenerator {
  for await (const { value } of lines) yield value;
}

/** The map that is given its items. Throws `ApiError`. */
function mapOf({ plan }: Flow): string {
  const maps = Object.entries(plan.steps).filter(([, step]) => step.kind === 'map' && 'given' in step.items);
  const [name] = maps[0] ?? [];
  if (name !== undefined && maps.length === 1) return name;
  throw new ApiError(
    'invalid-argument',
    `plan: expected one map that is given its items, for the lines behind the first; it has ${maps.length}`,
    { field: 'plan' },
  );
}

/** The plan is checked as the client and the leader check it. A caller starts steps only in queues that it may act on. */
function checkedStart(given: Input, asked: Asked): { flow: Flow; input: unknown; options: StartOptions } {
  const { plan, input = null, ...rest } = given;
  const { by: _by, request: _request, ...options } = rest as StartOptions;
  const flow = flowOf(parsePlan(JSON.stringify(plan)));
  const { queue = DEFAULT_QUEUE } = options;
  if (typeof queue !== 'string') throw new InvalidArgumentError('queue', queue, 'the name of a queue');
  const queues = new Set([queue, ...Object.keys(flow.plan.steps).map((step) => queueOfStep(flow.plan, step) ?? queue)]);
  for (const each of queues) mustSee(asked.caller, each);
  mustShareNoKey(asked.caller, options.unique, 'the key of a run');
  return { flow, input, options: { ...options, ...askedBy(asked) } };
}

export const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

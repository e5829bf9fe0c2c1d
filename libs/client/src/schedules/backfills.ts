import { checkOptions, InvalidArgumentError, oneOf, parseName } from '@drover/core';
import {
  BACKFILL_ORDERS,
  BACKFILL_REDOS,
  isoTime,
  type BackfillRecord,
  type CommandAnswer,
  type CommandRequest,
} from '@drover/protocol';
import { CommandRefusedError } from '../errors.js';
import type { AskOptions } from '../options.js';
import type { BackfillOptions, BackfillView } from './api.js';
import { instantOf } from './preview.js';
import { toChange } from './read-schedules.js';
import { firstReply } from './reply.js';

type Ask = (request: CommandRequest, asked: AskOptions) => Promise<CommandAnswer>;
type BackfillRequest = Extract<CommandRequest, { kind: 'backfill-schedule' }>;

const MOST_PARALLEL = 1_000;
/** Of a dry run: more would fit no screen, and the leader would reckon long. */
const MOST_TIMES = 100_000;

/** The request for a back-fill. Throws `InvalidArgumentError`: what is given is checked here, before anything is asked. */
export function checkBackfill(name: string, options: BackfillOptions): BackfillRequest {
  checkOptions(options, ['by', 'reason', 'from', 'to', 'parallel', 'order', 'redo', 'dryRun']);
  const { from, to, parallel = 1, order = 'oldest', redo = 'missing', dryRun } = options;
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > MOST_PARALLEL)
    throw new InvalidArgumentError('parallel', parallel, `a whole number from 1 to ${MOST_PARALLEL}`);
  if (dryRun !== undefined && typeof dryRun !== 'boolean')
    throw new InvalidArgumentError('dryRun', dryRun, 'true or false');
  const request: BackfillRequest = {
    ...{ kind: 'backfill-schedule', name: parseName('name', name), from: Math.ceil(instantOf('from', from)) },
    ...(to === undefined ? {} : { to: Math.ceil(instantOf('to', to)) }),
    ...{ parallel, order: oneOf('order', order, BACKFILL_ORDERS), redo: oneOf('redo', redo, BACKFILL_REDOS) },
    ...(dryRun === true ? { dryRun } : {}),
  };
  if (request.to !== undefined && request.to <= request.from)
    throw new InvalidArgumentError('to', to, `an instant after 'from', ${isoTime(request.from)}`);
  return request;
}

/** Asks the leader for back-fills. */
export class Backfills {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async make(name: string, options: BackfillOptions): Promise<BackfillView | { times: string[] }> {
    const request = checkBackfill(name, options);
    const { by, reason } = options;
    if (request.dryRun === true) return { times: await this.#times(request) };
    const answer = await this.#ask(request, { by, reason });
    if (answer.backfill === undefined) firstReply(answer, name);
    if (answer.backfill === undefined)
      throw new CommandRefusedError(`${name}: the leader did not say what became of it`);
    return toBackfill({ ...answer.backfill, running: 0 });
  }

  /** Part by part, as the leader gives them. */
  async #times(request: BackfillRequest): Promise<string[]> {
    const times: string[] = [];
    for (let part: BackfillRequest | null = request; part !== null;) {
      const answer: CommandAnswer = await this.#ask(part, {});
      if (answer.times === undefined) {
        // Only the first part can be refused for its range: later ones begin where a time may be the last one.
        if (part === request) firstReply(answer, request.name);
        return times;
      }
      times.push(...answer.times.map(isoTime));
      if (times.length > MOST_TIMES)
        throw new InvalidArgumentError('from', `more than ${MOST_TIMES} times are in this range; try a shorter one`);
      const { cursor = null } = answer;
      part = cursor === null ? null : { ...part, ...(part.order === 'newest' ? { to: cursor } : { from: cursor }) };
    }
    return times;
  }

  async remove(name: string, id: string, options: AskOptions & { cancel?: boolean } = {}): Promise<void> {
    checkOptions(options, ['by', 'reason', 'cancel']);
    const { cancel = false, ...asked } = options;
    if (typeof id !== 'string' || id === '') throw new InvalidArgumentError('id', id, 'the id of a back-fill');
    firstReply(await this.#ask({ kind: 'remove-backfill', name: parseName('name', name), id, cancel }, asked), name);
  }
}

export function toBackfill(record: BackfillRecord & { running: number }): BackfillView {
  const { id, from, to, cursor, parallel, order, redo, fired, skipped, running, asked, endedAt = null } = record;
  return {
    ...{ id, from: isoTime(from), to: isoTime(to), cursor: isoTime(cursor), parallel, order, redo },
    ...{ fired, skipped, running, asked: toChange(asked), endedAt },
  };
}

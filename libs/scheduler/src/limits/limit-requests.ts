import type { Attempted } from '@drover/coordination';
import { NAME_PATTERN, parseLimitRef } from '@drover/core';
import type { LimitView, Slices } from '@drover/planner';
import {
  limitSpecOf,
  type CommandAnswer,
  type CommandRecord,
  type CommandRequest,
  type LimitUseRecord,
} from '@drover/protocol';
import { changeOf, NOT_WRITTEN } from '../requests/requests.decide.js';
import type { TermContext } from '../term/term-context.js';
import {
  changedLimit,
  heldKey,
  heldLimit,
  limitOperation,
  removeLimitOperations,
  whyLeftAlone,
  whyNotHeld,
  type KnownLimit,
} from './limits.decide.js';
import type { Limits } from './limits.js';

type Kind = 'set-limit' | 'remove-limit' | 'hold-limit' | 'show-limits';
export type LimitRequest = Extract<CommandRequest, { kind: Kind }>;
type RequestOf<K extends Kind> = Extract<CommandRequest, { kind: K }>;
type Asking = Pick<CommandRecord, 'by' | 'reason'>;
type Reply = NonNullable<CommandAnswer['limit']>;

const KINDS: ReadonlySet<string> = new Set<Kind>(['set-limit', 'remove-limit', 'hold-limit', 'show-limits']);
export const isLimitRequest = (request: CommandRequest): request is LimitRequest => KINDS.has(request.kind);

/** The busiest keys of each limit that an answer names. */
const SHOWN_KEYS = 20;

/** Requests about limits, answered when their effect is durable. */
export class LimitRequests {
  readonly #context: TermContext;
  readonly #limits: Limits;

  constructor(context: TermContext, limits: Limits) {
    this.#context = context;
    this.#limits = limits;
  }

  /** `isRepeated`: it may have been carried out before, and its answer was lost. */
  async act(request: LimitRequest, asking: Asking, isRepeated = false): Promise<CommandAnswer> {
    switch (request.kind) {
      case 'set-limit':
        return { ok: true, limit: await this.#set(request, asking) };
      case 'remove-limit':
        return { ok: true, limit: await this.#remove(request, isRepeated) };
      case 'hold-limit':
        return { ok: true, limit: await this.#hold(request) };
      case 'show-limits':
        return { ok: true, limits: this.#show(request.names) };
    }
  }

  /** The use of every limit. */
  all(): Slices<LimitUseRecord[]> {
    return this.#limits.views(SHOWN_KEYS).map((views) => views.map(toRecord));
  }

  async #set({ name, spec, ifRevision }: RequestOf<'set-limit'>, asking: Asking): Promise<Reply> {
    if (!NAME_PATTERN.test(name)) return { name, ok: false, message: `'${name}' is no name of a limit` };
    const before = this.#limits.get(name);
    const leftAlone = whyLeftAlone(before);
    if (leftAlone !== null) return { name, ok: false, message: leftAlone };
    const asked = changeOf(asking, this.#context.clock.now());
    const changed = changedLimit(before, { name, spec: limitSpecOf(spec), ifRevision }, asked);
    const revision = before?.revision ?? 0;
    const { change, limit } = changed;
    if (change === 'conflict') return { name, ok: false, code: 'revision', revision };
    if (limit === null) return { name, ok: true, change, revision };
    if (!(await this.#write(limit, before !== undefined))) return { name, ok: false, message: NOT_WRITTEN };
    this.#limits.changed(limit);
    return { name, ok: true, change, revision: limit.revision };
  }

  async #remove({ name, ifRevision, force }: RequestOf<'remove-limit'>, isRepeated: boolean): Promise<Reply> {
    const limit = this.#limits.get(name);
    if (limit === undefined && isRepeated) return { name, ok: true, change: 'removed' };
    const leftAlone = whyLeftAlone(limit);
    if (leftAlone !== null) return { name, ok: false, message: leftAlone };
    if (ifRevision !== undefined && ifRevision !== (limit?.revision ?? 0))
      return { name, ok: false, code: 'revision', revision: limit?.revision ?? 0 };
    if (limit === undefined) return { name, ok: false, code: 'unknown' };
    const { out = 0, waitingTasks = 0 } =
      this.#limits
        .views(0)
        .all()
        .find((view) => view.name === name) ?? {};
    if (force !== true && out + waitingTasks > 0)
      return {
        name,
        ok: false,
        message: `it is in use, ${usedBy(out, waitingTasks)}; it is removed only with force`,
      };
    const write = (): Promise<Attempted | null> =>
      this.#context.writer.attempt(removeLimitOperations(limit), { urgent: true });
    const answer = await this.#limits.remove(name, write);
    if (answer?.applied === true) return { name, ok: true, change: 'removed' };
    if (answer !== null) this.#context.refused(answer);
    return { name, ok: false, message: NOT_WRITTEN };
  }

  async #hold({ limit: text, ms }: RequestOf<'hold-limit'>): Promise<Reply> {
    const { name, key: given } = parseRef(text);
    const before = this.#limits.get(name);
    if (before === undefined) return { name, ok: false, code: 'unknown' };
    const notHeld = whyNotHeld(before);
    if (notHeld !== null) return { name, ok: false, message: notHeld };
    const held = heldKey(given, before.spec);
    if ('problem' in held) return { name, ok: false, message: held.problem };
    const now = this.#context.clock.now();
    const until = ms > 0 ? now + ms : 0;
    const limit = heldLimit(before, held.key, until, now);
    if (typeof limit === 'string') return { name, ok: false, message: limit };
    if (!(await this.#write(limit, true))) return { name, ok: false, message: NOT_WRITTEN };
    this.#limits.held(limit, held.key, until);
    return { name, ok: true, change: until > 0 ? 'held' : 'released', revision: limit.revision };
  }

  async #write(limit: KnownLimit, isThere: boolean): Promise<boolean> {
    const answer = await this.#context.writer.attempt([limitOperation(limit, isThere)], { urgent: true });
    if (answer?.applied === false) this.#context.refused(answer);
    return answer?.applied === true;
  }

  #show(names: readonly string[]): LimitUseRecord[] {
    const wanted = new Set(names);
    return this.#limits
      .views(SHOWN_KEYS)
      .all()
      .filter(({ name }) => wanted.has(name))
      .map(toRecord);
  }
}

function toRecord({ name, out, waitingTasks, waitingKeys, heldUntil, keys, keysLeftOut }: LimitView): LimitUseRecord {
  return {
    ...{ name, out, waiting: waitingTasks, waitingKeys, heldUntil, keysLeftOut },
    keys: keys.map(({ key, out, waiting, nextAt, heldUntil }) => ({ key, out, waiting, nextAt, heldUntil })),
  };
}

/** A text that is no reference names a limit that nobody knows. */
function parseRef(text: string): { name: string; key: string | null } {
  try {
    return parseLimitRef('limit', text);
  } catch {
    return { name: text, key: null };
  }
}

const usedBy = (out: number, waiting: number): string =>
  [out > 0 ? `${out} out` : '', waiting > 0 ? `${waiting} waiting` : ''].filter((part) => part !== '').join(', ');

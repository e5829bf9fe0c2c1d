import { LIMITS } from '@drover/core';
import type { Advice, LastingMemory, ScaledPool, ScaleMemory } from '@drover/planner';
import type { ScaleRecord, StatusRecord } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Definitions } from '../definitions/definitions.js';
import type { Assignments } from '../facts/assignments.js';
import type { WorkersWatcher } from '../facts/workers-watcher.js';
import { inSlices } from '../read-model/in-slices.js';
import type { TermContext } from '../term/term-context.js';
import { Webhooks } from './webhooks.js';

const LOOK_EVERY_MS = 5_000;
/** The name under which workers that are given up are drained. */
export const AUTOSCALE = 'autoscale';
/** Workers to be removed that `/status` and an answer name. */
const MOST_NAMES = 100;

export interface ScalingOptions {
  context: TermContext;
  definitions: Pick<Definitions, 'all'>;
  workers: Pick<WorkersWatcher, 'since' | 'retell'>;
  assignments: Pick<Assignments, 'drain' | 'drainedBy'>;
}

interface Known {
  readonly memory: ScaleMemory;
  readonly advice: Advice;
}

/**
 * Advice for pools with a template, every five seconds from memory: who asks is told, workers that are given up are drained, webhooks are called. A
 * look changes nothing else. The next leader goes on from what `/status` says of it, so a change of leader is no reason for
 * other advice. Without such a pool it costs nothing.
 */
export class Scaling {
  readonly #options: ScalingOptions;
  readonly #webhooks: Webhooks;
  #known = new Map<string, Known>();
  /** Of the leader before, until the first look. */
  #before = new Map<string, LastingMemory>();
  #nextAt = 0;
  #isLooking = false;

  constructor(options: ScalingOptions) {
    this.#options = options;
    this.#webhooks = new Webhooks(options.context);
  }

  /** Goes on from the words that the leader before has left in `/status`. */
  resume(scale: StatusRecord['scale']): void {
    for (const [pool, { coming: _count, have: _have, remove: _remove, comingSaid, ...lasting }] of Object.entries(
      scale ?? {},
    ))
      this.#before.set(pool, { ...lasting, coming: comingSaid });
  }

  /** When the next look is due; null: there is nothing to scale. */
  nextDueAt(): number | null {
    return this.#pools().size === 0 || this.#isLooking ? null : this.#nextAt;
  }

  /** Everything that was there at the takeover has been read, and time has passed. */
  turn(): void {
    const { context } = this.#options;
    const now = context.clock.now();
    if (this.#isLooking || now < this.#nextAt) return;
    const pools = this.#pools();
    for (const pool of this.#known.keys()) if (!pools.has(pool)) this.#known.delete(pool);
    if (pools.size === 0) return;
    this.#nextAt = now + LOOK_EVERY_MS;
    this.#isLooking = true;
    inBackground(this.#look(pools, now), (error) => context.broken(error));
  }

  /** Null: it has no template, or nobody has looked yet. */
  advice(pool: string): Advice | null {
    return this.#known.get(pool)?.advice ?? null;
  }

  all(): Advice[] {
    return [...this.#known.values()].map(({ advice }) => advice);
  }

  /** Somebody says how many workers are on their way. False: there is no advice for the pool. */
  coming(pool: string, count: number): boolean {
    const known = this.#known.get(pool);
    if (known === undefined) return false;
    const memory = { ...known.memory, coming: { count, at: this.#options.context.clock.now() } };
    this.#known.set(pool, { memory, advice: { ...known.advice, coming: count } });
    return true;
  }

  /** For `/status`, and with that for the next leader. */
  record(): Record<string, ScaleRecord> {
    const shown = [...this.#known].slice(0, LIMITS.shownNames);
    return Object.fromEntries(shown.map(([pool, known]) => [pool, recordOf(known)]));
  }

  #pools(): ReadonlyMap<string, ScaledPool> {
    const pools = new Map<string, ScaledPool>();
    for (const [name, { spec, unreadable }] of this.#options.definitions.all('pool'))
      if (spec.template !== null && unreadable === null) pools.set(name, { ...spec, template: spec.template });
    return pools;
  }

  async #look(pools: ReadonlyMap<string, ScaledPool>, now: number): Promise<void> {
    const { context, workers, assignments } = this.#options;
    const memories = new Map<string, ScaleMemory | LastingMemory>(this.#before);
    for (const [pool, { memory }] of this.#known) memories.set(pool, memory);
    const known = (id: string): { since: number; isGivenUp: boolean } => ({
      since: workers.since(id) ?? now,
      isGivenUp: assignments.drainedBy(id)?.by === AUTOSCALE,
    });
    const looked = context.planner.scale({ pools, memories, known, now });
    const advised = await inSlices(looked, { runtime: context.runtime, isCurrent: () => context.active() });
    this.#isLooking = false;
    if (advised === null || !context.active()) return;
    for (const [pool, { memory, advice, drain, undrain }] of advised) {
      const before = this.#known.get(pool);
      const said = before?.memory.coming ?? memory.coming;
      this.#known.set(pool, { memory: { ...memory, coming: said }, advice });
      this.#before.delete(pool);
      this.#tell(pool, before, { memory, advice });
      for (const id of drain) this.#drain(id, true, advice);
      for (const id of undrain) this.#drain(id, false, advice);
    }
    context.replan();
  }

  #tell(pool: string, before: Known | undefined, { memory, advice }: Known): void {
    const { context, definitions } = this.#options;
    const isNew = before?.advice.wanted !== advice.wanted;
    const others = advice.remove.some((name) => before?.advice.remove.includes(name) !== true);
    const isAskedAgain = before !== undefined && before.memory.askedAt !== memory.askedAt;
    if (!isNew && !others && !isAskedAgain) return;
    const { wanted, have, coming, remove, why } = advice;
    context.log.event('scale.advised', { pool, wanted, have, coming, remove: remove.length, why });
    const { webhook = null, webhookSecret = null } = definitions.all('pool').get(pool)?.spec ?? {};
    if (webhook !== null && webhookSecret !== null)
      this.#webhooks.tell(
        pool,
        { url: webhook, secret: webhookSecret },
        { ...advice, remove: remove.slice(0, MOST_NAMES) },
      );
  }

  #drain(id: string, draining: boolean, { why, at }: Advice): void {
    const { context, assignments, workers } = this.#options;
    const asked = assignments.drain(id, draining, { by: AUTOSCALE, reason: why, at }).then((refusal) => {
      if (context.active() && refusal === null) workers.retell(id);
    });
    // A worker that has left, or whose directory is of a later release: the next look sees what is there.
    inBackground(asked, () => undefined);
  }
}

function recordOf({ memory, advice }: Known): ScaleRecord {
  const { wanted, changedAt, direction, turns, askedAt, coming } = memory;
  const { have, remove } = advice;
  return {
    ...{ wanted, have, coming: advice.coming, remove: remove.slice(0, MOST_NAMES) },
    ...{ changedAt, direction, turns: [...turns], askedAt, comingSaid: coming === null ? null : { ...coming } },
  };
}

import type { Attempted } from '@drover/coordination';
import type { LimitSpec } from '@drover/core';
import type { AssignmentFact, Command, LimitView, Reservation, Slices } from '@drover/planner';
import { encodeRecord, limitShardPath, optionsAt, shardName, shardOf, type BatchHeader } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import { refusedBackoff } from '../term/backoff.decide.js';
import type { TermContext } from '../term/term-context.js';
import { usesRate, type KnownLimit } from './limits.decide.js';
import { loadLimits } from './load-limits.js';

type Reserve = Extract<Command, { kind: 'reserve' }>;

/** Names of limits that nobody has declared, in `/status`. */
const MOST_UNDECLARED = 20;
/** Those of maps of flows are no limits that somebody has declared. */
const isDeclarable = (name: string): boolean => !name.startsWith('~');

/**
 * The limits of one term. They are read at the takeover, before anything is planned, and after that only this leader
 * writes them: what is in memory is what is in ZooKeeper, because memory follows each write.
 *
 * A reservation says how far the planner may go with a rate. The next leader goes on from the last one that is written,
 * so nothing may be handed out by a reservation that is not: each is a transaction of its own, and an assignment under a
 * limit with a rate waits until every reservation that was asked for before it is applied. One that ZooKeeper refuses is
 * repeated until it is applied, and these assignments wait for that; all others go past it.
 */
export class Limits {
  readonly #context: TermContext;
  readonly #known = new Map<string, KnownLimit>();
  /** By path: the last write of each shard that is on its way. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  /** Resolves with true when every reservation so far is applied; `null`: all are. */
  #reserving: Promise<boolean> | null = null;
  /** Limits whose removal is on its way: reservations of them wait for what becomes of it. */
  readonly #removals = new Map<string, Promise<void>>();

  constructor(context: TermContext) {
    this.#context = context;
  }

  /** Before anything is planned. */
  async load(): Promise<void> {
    for (const limit of await loadLimits(this.#context)) {
      this.#known.set(limit.name, limit);
      this.#tell(limit);
    }
  }

  get(name: string): KnownLimit | undefined {
    return this.#known.get(name);
  }

  /** A change was written. */
  changed(limit: KnownLimit): void {
    const { planner } = this.#context;
    const isMended = (this.#known.get(limit.name)?.unreadable ?? null) !== null;
    this.#known.set(limit.name, limit);
    planner.limit(limit.name, limit.spec);
    if (isMended) planner.hold(limit.name, null, 0);
    this.#context.replan();
  }

  /** A hold was written. `until` 0: it has ended. */
  held(limit: KnownLimit, key: string, until: number): void {
    this.#known.set(limit.name, limit);
    this.#context.planner.hold(limit.name, key === '' ? null : key, until);
    this.#context.replan();
  }

  /**
   * Removes the limit by `write`, which is called when the reservations of before are written. Until the removal is durable the
   * limit holds, and reservations of it that are asked for meanwhile wait: they are written only if it stays. `null`: the term
   * is over.
   */
  async remove(name: string, write: () => Promise<Attempted | null>): Promise<Attempted | null> {
    const before = this.#reserving ?? ALIVE;
    let decided = (): void => undefined;
    this.#removals.set(name, new Promise((resolve) => (decided = resolve)));
    try {
      const answer = (await before) && this.#context.active() ? await write() : null;
      if (answer?.applied === true) this.#removed(name);
      return answer;
    } finally {
      this.#removals.delete(name);
      decided();
    }
  }

  #removed(name: string): void {
    this.#known.delete(name);
    this.#context.planner.limit(name, null);
    this.#context.replan();
  }

  /** Everything about it, as after a takeover. */
  #tell({ name, spec, holds, shards }: KnownLimit): void {
    const { planner } = this.#context;
    planner.limit(name, spec);
    for (const keys of shards.values()) planner.reserved(name, keys);
    for (const [key, until] of holds) planner.hold(name, key === '' ? null : key, until);
  }

  /** Of the planner: the limits in use, and those that tasks name and nobody has declared. */
  views(mostKeys: number): Slices<LimitView[]> {
    return this.#context.planner.limits(mostKeys).map((views) => views.filter(({ name }) => isDeclarable(name)));
  }

  /** Some names of limits that unfinished tasks name, and nobody has declared. */
  undeclared(): string[] {
    return this.#context.planner.undeclaredLimits().filter(isDeclarable).slice(0, MOST_UNDECLARED);
  }

  reserve(command: Reserve): void {
    const path = limitShardPath(command.limit, shardName(command.shard));
    // One after the other: whether the znode is there is known when the one before is answered.
    const written = (this.#underWay.get(path) ?? ALIVE).then((active) => active && this.#write(command, path));
    this.#underWay.set(path, written);
    const all = Promise.all([this.#reserving ?? ALIVE, written]).then(([before, mine]) => before && mine);
    this.#reserving = all;
    const done = all.then(() => {
      if (this.#reserving === all) this.#reserving = null;
      if (this.#underWay.get(path) === written) this.#underWay.delete(path);
    });
    inBackground(done, (error) => this.#context.broken(error));
  }

  /** An assignment of the batch waits for this before it is written; `null`: for nothing. False: the term is over. */
  before({ tasks }: AssignmentFact, header: BatchHeader | undefined): Promise<boolean> | null {
    if (this.#reserving === null || header === undefined) return null;
    const options = optionsAt(header.groups, tasks[0]?.[0] ?? 0);
    return usesRate(header.queue, options, this.#specs()) ? this.#reserving : null;
  }

  *#specs(): Iterable<readonly [name: string, spec: LimitSpec]> {
    for (const { name, spec } of this.#known.values()) yield [name, spec];
  }

  /** False: the term is over. */
  async #write({ limit: name, shard, keys }: Reserve, path: string): Promise<boolean> {
    const { writer } = this.#context;
    for (let tries = 1; ; tries++) {
      await this.#removals.get(name);
      const limit = this.#known.get(name);
      const operation = limit === undefined ? null : shardOperation(path, keys, limit.shards.has(shard));
      // Without one there is nothing to be reserved: the limit was removed meanwhile.
      if (limit === undefined || operation === null) return this.#context.active();
      const answer = await writer.attempt([operation], { key: path });
      if (answer === null) return false;
      if (answer.applied) {
        if (keys.length === 0) limit.shards.delete(shard);
        else limit.shards.set(shard, keys);
        return true;
      }
      if (answer.code === 'NO_NODE' || answer.code === 'NODE_EXISTS') {
        this.#context.fail(`${answer.path} was changed by hand`);
        return false;
      }
      this.#context.refused(answer);
      if (!(await this.#context.later(refusedBackoff(tries)))) return false;
    }
  }
}

const ALIVE = Promise.resolve(true);

/** `null`: there is nothing to write. */
function shardOperation(path: string, keys: readonly Reservation[], isThere: boolean): Operation | null {
  if (keys.length === 0) return isThere ? { op: 'delete', path } : null;
  return { op: isThere ? 'set' : 'create', path, data: encodeRecord('limitShard', shardOf(keys)) };
}

import { sameLimit, type LimitSpec } from '@drover/core';
import { childOf, decodeRecord, limitSpecOf, ROOTS } from '@drover/protocol';
import type { ZnodeChange } from './znode-change.js';

interface Definition {
  /** Null: there was no such limit. */
  readonly spec: LimitSpec | null;
  readonly fromMs: number;
}

/** The time that a client waits for the leader to do what it asks for. */
const COMMAND_MS = 4_000;

/** The definitions of limits, and what somebody asked to hold, as they were committed. Times are the world's. */
export class DeclaredLimits {
  readonly #nowMs: () => number;
  readonly #knownWithinMs: number;
  readonly #definitions = new Map<string, Definition[]>();
  /** When somebody asked last for the removal of a limit. */
  readonly #removals = new Map<string, number>();
  /** By limit, the holds of its keys (`''`: all of it). */
  readonly #holds = new Map<string, Map<string, { untilMs: number; sinceMs: number }>>();

  /**
   * A leader plans by a change of a limit when it has the answer to its write, and what it had decided before may still be
   * on its way then: `knownWithinMs` later at most.
   */
  constructor(nowMs: () => number, knownWithinMs: number) {
    this.#nowMs = nowMs;
    this.#knownWithinMs = knownWithinMs;
  }

  get any(): boolean {
    return this.#definitions.size > 0;
  }

  names(): Iterable<string> {
    return this.#definitions.keys();
  }

  /** Returns the limits of which the definition is another one now. */
  see({ writes }: ZnodeChange): string[] {
    const changed: string[] = [];
    for (const write of writes) {
      if (write.op === 'create' && childOf(ROOTS.commands, write.path) !== null) this.#asked(write.path, write.data);
      const name = childOf(ROOTS.limits, write.path);
      if (name === null || write.op === 'check') continue;
      if (write.op === 'delete') {
        this.#holds.delete(name);
        if (this.#declare(name, null)) changed.push(name);
        continue;
      }
      const { spec, holds = {} } = decodeRecord('limit', write.path, write.data);
      if (this.#declare(name, limitSpecOf(spec))) changed.push(name);
      this.#hold(name, holds);
    }
    return changed;
  }

  /** A leader plans without a limit before its removal is written. */
  #asked(path: string, data: Buffer): void {
    const { request } = decodeRecord('command', path, data);
    if (request.kind === 'remove-limit') this.#removals.set(request.name, this.#nowMs());
  }

  #declare(name: string, spec: LimitSpec | null): boolean {
    const before = this.#definitions.get(name) ?? [{ spec: null, fromMs: -Infinity }];
    const last = before.at(-1)?.spec ?? null;
    if (last === spec || (last !== null && spec !== null && sameLimit(last, spec))) return false;
    this.#definitions.set(name, [...before, { spec, fromMs: this.#nowMs() }]);
    return true;
  }

  #hold(name: string, holds: Readonly<Record<string, number>>): void {
    const before = this.#holds.get(name);
    const now = new Map<string, { untilMs: number; sinceMs: number }>();
    for (const [key, untilMs] of Object.entries(holds)) {
      const old = before?.get(key);
      now.set(key, old !== undefined && old.untilMs <= untilMs ? { ...old } : { untilMs, sinceMs: this.#nowMs() });
    }
    this.#holds.set(name, now);
  }

  /** The definitions by which a leader may have decided what is written now, the newest one last. */
  lately(name: string): (LimitSpec | null)[] {
    const all = this.#definitions.get(name) ?? [];
    const since = this.#nowMs() - this.#knownWithinMs;
    const known = all.filter((_, at) => (all[at + 1]?.fromMs ?? Infinity) >= since).map(({ spec }) => spec);
    const isBeingRemoved = this.#nowMs() - (this.#removals.get(name) ?? -Infinity) < COMMAND_MS + this.#knownWithinMs;
    return isBeingRemoved ? [null, ...known] : known;
  }

  /** By a hold that every leader knows of by now; 0: none. */
  heldUntil(name: string, key: string): number {
    const since = this.#nowMs() - this.#knownWithinMs;
    const holds = this.#holds.get(name);
    return Math.max(
      0,
      ...['', key].map((each) => {
        const hold = holds?.get(each);
        return hold !== undefined && hold.sinceMs < since ? hold.untilMs : 0;
      }),
    );
  }
}

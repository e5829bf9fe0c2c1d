import { ROOTS } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import { backoff } from './backoff.decide.js';
import type { TermContext } from './term-context.js';

/** Of the probe: so much room is enough to go on with. */
const PROBE_BYTES = 4_096;
const PROBE = 'probe';
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Whether ZooKeeper has room. If an operator has set a hard quota on the tree and it is used up, ZooKeeper refuses
 * every write that makes the tree larger, and takes those that make it smaller. The leader then hands out nothing and
 * accepts no tasks, but goes on with all that frees room: it takes in reports, finishes and removes batches. It finds
 * out that there is room by a transaction that creates a znode where the quota was met and removes it at once, so
 * nobody ever sees it.
 */
export class Room {
  readonly #context: Pick<TermContext, 'writer' | 'log' | 'later' | 'broken'>;
  readonly #changed: () => void;
  #full = false;

  /** `changed`: it is full, or no longer. */
  constructor(context: Pick<TermContext, 'writer' | 'log' | 'later' | 'broken'>, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
  }

  get full(): boolean {
    return this.#full;
  }

  /** A write of this path met the quota. */
  exceeded(path: string): void {
    if (this.#full) return;
    this.#full = true;
    this.#context.log.event('quota.exceeded', { path });
    inBackground(this.#watch(probePath(path)), (error) => this.#context.broken(error));
    this.#changed();
  }

  async #watch(probe: string): Promise<void> {
    const { writer, log, later } = this.#context;
    for (let tries = 1; await later(backoff(tries, FIRST_MS, LONGEST_MS)); tries++) {
      const answer = await writer.attempt(probeOperations(probe), { urgent: true });
      if (answer === null) return;
      if (!answer.applied && answer.code === 'QUOTA_EXCEEDED') continue;
      this.#full = false;
      log.event('quota.cleared', { path: probe });
      this.#changed();
      return;
    }
  }
}

/** Whether it is a znode of a probe: it is gone when anybody hears of it. */
export const isProbe = (path: string): boolean => path === probePath(path);

/** Directly below the fixed znode above `path`: quotas are set on the root or on one of these. */
function probePath(path: string): string {
  const root = path.split('/')[1] ?? '';
  return `/${root === '' ? ROOTS.status.slice(1) : root}/${PROBE}`;
}

function probeOperations(path: string): Operation[] {
  return [
    { op: 'create', path, data: ' '.repeat(PROBE_BYTES) },
    { op: 'delete', path },
  ];
}

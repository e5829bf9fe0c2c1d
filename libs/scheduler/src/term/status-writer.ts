import { LIMITS } from '@drover/core';
import type { QueueView } from '@drover/planner';
import { encodeRecord, ROOTS, type ChangeRecord, type ScaleRecord } from '@drover/protocol';
import type { QueuesWatcher } from '../facts/queues-watcher.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { Stretch } from '../facts/unfinished-ids.js';
import { inBackground, type Timer } from '@drover/runtime';
import type { Limits } from '../limits/limits.js';
import type { Intake } from './intake.js';
import { ShownRecord } from './shown-record.js';
import { reportInvalid, type TermContext } from './term-context.js';

const PERIOD_MS = 1_000;
/** A refused write is tried again after this long. */
const AGAIN_MS = 10_000;
const BLOCK_BYTES = 1_024;
/** A removal that has been due for so long is late. */
const LATE_MS = 60_000;

export interface StatusSources {
  queues: Pick<QueuesWatcher, 'pausedBy'>;
  tasks: Pick<TasksWatcher, 'unreadable'>;
  /** Advice for the next leader. */
  unfinishedIds: () => readonly Stretch[];
  intake: Pick<Intake, 'state'>;
  limits: Pick<Limits, 'undeclared'>;
  /** Batches whose removal ZooKeeper has refused in this term. */
  removalsRefused: () => number;
  /** Advice for pools. */
  scale: () => Record<string, ScaleRecord>;
  /** Everything that was there at the takeover has been read: until then the counts are of a part. */
  isWhole: () => boolean;
  /** Why no schedule fires now; `null`: they fire. */
  firesHeld: () => { code: string; reason: string } | null;
}

/**
 * Keeps `/status`: written at once when a term begins, then when something changed, once a second at most. It names the
 * busiest queues only, so its size does not depend on what submitters name.
 */
export class StatusWriter {
  readonly #context: TermContext;
  readonly #sources: StatusSources;
  readonly #record: ShownRecord;
  #written = '';
  #writing = false;
  #timer: Timer | null = null;
  #nextAt = 0;

  constructor(context: TermContext, sources: StatusSources) {
    this.#context = context;
    this.#sources = sources;
    this.#record = new ShownRecord({ context, path: ROOTS.status, blockBytes: BLOCK_BYTES, urgent: false });
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#timer !== null || this.#writing) return;
    const waitMs = this.#nextAt - this.#context.runtime.monotonic();
    if (waitMs <= 0) return this.#look();
    this.#timer = this.#context.runtime.after(waitMs, () => {
      this.#timer = null;
      this.#look();
    });
  }

  /** Written again though nothing has changed: the answer tells ZooKeeper's time. */
  again(): void {
    this.#written = '';
    this.touch();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { runtime } = this.#context;
    if (!this.#context.active()) return;
    this.#nextAt = runtime.monotonic() + PERIOD_MS;
    const view = this.#view();
    const text = JSON.stringify(view);
    if (text === this.#written) return;
    this.#written = text;
    inBackground(this.#write(view), (error) => {
      // Only shown: whatever is wrong with it, the term goes on.
      this.#writing = false;
      this.#written = '';
      this.#nextAt = runtime.monotonic() + AGAIN_MS;
      reportInvalid(this.#context, ROOTS.status, error);
    });
  }

  #view(): object {
    const { planner, clock } = this.#context;
    const { tasks, unfinishedIds, intake, isWhole, firesHeld, limits, removalsRefused, scale } = this.#sources;
    const held = firesHeld();
    const undeclaredLimits = limits.undeclared();
    const removalDueAt = planner.removalDueAt() ?? Infinity;
    const refused = removalsRefused();
    const advice = scale();
    const tally = planner.tally();
    const queues = planner.queues(LIMITS.shownNames);
    const types = planner.unservedTypes(LIMITS.shownNames);
    const shown = Object.entries(queues.shown).map(([name, view]) => [name, this.#viewQueue(name, view)]);
    return {
      // Earlier versions read `running`, and mean the same by it.
      tasks: { ...tally, running: tally.out },
      queues: Object.fromEntries(shown) as object,
      queuesLeftOut: queues.leftOut,
      unservedTypes: types.shown,
      unservedTypesLeftOut: types.leftOut,
      ...(isWhole() ? { intake: intake.state } : { complete: false }),
      ...(held === null ? {} : { firesHeld: held }),
      ...(tasks.unreadable === 0 ? {} : { unreadableBatches: tasks.unreadable }),
      ...(undeclaredLimits.length === 0 ? {} : { undeclaredLimits }),
      ...(removalDueAt > clock.now() - LATE_MS ? {} : { removalDueSince: removalDueAt }),
      ...(refused === 0 ? {} : { removalsRefused: refused }),
      ...(Object.keys(advice).length === 0 ? {} : { scale: advice }),
      unfinishedIds: unfinishedIds(),
    };
  }

  #viewQueue(name: string, view: QueueView): QueueView & { running: number; pausedBy?: ChangeRecord } {
    const pausedBy = view.paused ? this.#sources.queues.pausedBy(name) : undefined;
    return { ...view, running: view.out, ...(pausedBy === undefined ? {} : { pausedBy }) };
  }

  async #write(view: object): Promise<void> {
    const { clock, epoch, leader, runtime } = this.#context;
    this.#writing = true;
    const shown = await this.#record.write(encodeRecord('status', { at: clock.now(), epoch, leader, ...view }));
    this.#writing = false;
    if (shown === null) return;
    if (shown === 'refused') {
      this.#written = '';
      this.#nextAt = runtime.monotonic() + AGAIN_MS;
    } else if (shown.written !== null) {
      const backMs = clock.set(shown.written);
      if (backMs > 0) {
        this.#context.fail(`ZooKeeper's clock was set back by ${Math.round(backMs / 1_000)} s`);
        return;
      }
    }
    this.touch();
  }
}

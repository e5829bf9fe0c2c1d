import { ChildrenCache } from '@drover/coordination';
import {
  DEFAULT_QUEUE_SETTINGS,
  QUEUE_SETTING_NAMES,
  queueSettingsOf,
  RecordError,
  type QueueSettings,
} from '@drover/core';
import { decodeRecord, queuePath, ROOTS, type ChangeRecord } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import { reportInvalid, type TermContext } from '../term/term-context.js';

/**
 * The content of a queue's record: its settings, and who changed them. `others`: fields that a later release wrote, which
 * every change keeps; absent: there are none.
 */
export type KnownQueue = QueueSettings & {
  pausedBy?: ChangeRecord;
  changedBy?: ChangeRecord;
  others?: Readonly<Record<string, unknown>>;
};

const KNOWN_FIELDS: ReadonlySet<string> = new Set(['v', 'needs', 'pausedBy', 'changedBy', ...QUEUE_SETTING_NAMES]);

/**
 * The settings of queues, told to the planner; changes by hand take effect as well. A queue whose settings need something
 * that this program does not know counts as paused until they change, or a leader leads that knows it.
 */
export class QueuesWatcher {
  readonly #context: TermContext;
  readonly #children: ChildrenCache;
  readonly #settings = new Map<string, KnownQueue>();
  /** Queues with a record of a later release, and why it cannot be read. */
  readonly #newer = new Map<string, RecordError>();

  constructor(context: TermContext) {
    this.#context = context;
    this.#children = new ChildrenCache({
      zk: context.zk,
      directory: ROOTS.queues,
      put: (name, znode) => this.#put(name, znode),
      gone: (name) => {
        this.#newer.delete(name);
        this.#tell(name, null);
      },
      unreadable: (name, error) => reportInvalid(context, queuePath(name), error),
      failed: (error) => context.broken(error),
    });
  }

  async load(): Promise<void> {
    await this.#children.start();
  }
  async stop(): Promise<void> {
    await this.#children.stop();
  }

  /** `null`: it has none of its own. */
  get(name: string): KnownQueue | null {
    return this.#settings.get(name) ?? null;
  }

  /** Why the record of the queue is left alone; `null`: it is not. */
  whyLeftAlone(name: string): RecordError | null {
    return this.#newer.get(name) ?? null;
  }

  pausedBy(name: string): ChangeRecord | undefined {
    return this.#settings.get(name)?.pausedBy;
  }

  /** This leader has written the record: the cache will tell the same later. */
  written(name: string, settings: KnownQueue | null): void {
    this.#tell(name, settings);
  }

  #put(name: string, znode: Znode): void {
    const settings = this.#decode(name, znode);
    // If it cannot be read, the last known settings stay in force.
    if (settings !== null) this.#tell(name, settings);
  }

  #decode(name: string, znode: Znode): KnownQueue | null {
    try {
      const record = decodeRecord('queue', queuePath(name), znode.data);
      this.#newer.delete(name);
      const { pausedBy, changedBy } = record;
      const settings: KnownQueue = queueSettingsOf(record);
      if (pausedBy !== undefined) settings.pausedBy = pausedBy;
      if (changedBy !== undefined) settings.changedBy = changedBy;
      const others = Object.entries(record).filter(([name]) => !KNOWN_FIELDS.has(name));
      if (others.length > 0) settings.others = Object.fromEntries(others);
      return settings;
    } catch (error) {
      reportInvalid(this.#context, queuePath(name), error);
      if (!(error instanceof RecordError) || !error.isNewer) return null;
      this.#newer.set(name, error);
      const pausedBy = { reason: `its settings cannot be heeded: ${error.message}`, at: this.#context.clock.now() };
      return { ...(this.get(name) ?? DEFAULT_QUEUE_SETTINGS), paused: true, pausedBy };
    }
  }

  #tell(name: string, settings: KnownQueue | null): void {
    if (!this.#context.active()) return;
    if (settings === null) this.#settings.delete(name);
    else this.#settings.set(name, settings);
    this.#context.planner.queue(name, settings === null ? null : queueSettingsOf(settings));
    this.#context.replan();
  }
}

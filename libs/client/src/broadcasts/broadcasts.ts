import {
  checkAsked,
  checkOptions,
  featuresOf,
  InvalidArgumentError,
  type BatchId,
  type BroadcastSpec,
} from '@drover/core';
import {
  checkBroadcastId,
  LISTED,
  listBroadcasts,
  readBroadcastView,
  type BroadcastSummary,
  type BroadcastView,
} from '@drover/inspect';
import type { Log } from '@drover/observability';
import { BROADCAST, encodeBroadcast, needsOfBroadcast, type BroadcastRecord } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { command, type CommandContext } from '../admin/command.js';
import type { Connection } from '../connection.js';
import type { DeclaredLimits } from '../limits/declared.js';
import type { AskOptions } from '../options.js';
import type { Intake } from '../submit/intake.js';
import type { TaskHome } from '../task.js';
import { requestFields, type CheckedRequest } from '../start-request.js';
import type { Broadcast, BroadcastReply, Broadcasts, BroadcastResult, BroadcastResultsOptions } from './api.js';
import { broadcastResults, type Following } from './results.js';
import { writeBroadcast } from './write.js';

/** Ids of one command. */
const IDS_PER_COMMAND = 1_000;

export interface BroadcastsHome {
  connection: Connection;
  runtime: Runtime;
  log: Log;
  intake: Intake;
  declared: DeclaredLimits;
  /** The submitter. */
  client: string;
  newId: () => BatchId;
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
  tasks: TaskHome;
}

/** A broadcast that is to be written. */
export interface NewBroadcast {
  readonly spec: BroadcastSpec;
  /** JSON text. */
  readonly payload: string;
  readonly id: BatchId | undefined;
  readonly asked: AskOptions;
  readonly request: CheckedRequest | null;
}

export class BroadcastClient implements Broadcasts {
  readonly #home: BroadcastsHome;
  readonly #followings = new Set<Following>();

  constructor(home: BroadcastsHome) {
    this.#home = home;
    home.connection.onNewSession(() => {
      for (const following of this.#followings) following.sessionRenewed();
    });
  }

  /** Resolves when it is durable. */
  async start({ spec, payload, id, asked, request }: NewBroadcast): Promise<Broadcast> {
    const { declared, intake, newId } = this.#home;
    const by = checkAsked(asked);
    const { limits } = spec.task;
    const problem = limits === null || declared.admits(limits) ? null : await declared.problemOf(limits);
    if (problem !== null) throw problem;
    await intake.known();
    if (intake.refusal !== null) throw intake.refusal;
    const own = id === undefined ? newId() : checkBroadcastId(id);
    const record = { ...recordOf(spec, this.#home, by), ...requestFields(request) };
    const written = { record, payload, data: encodeBroadcast(record, payload), request };
    const before = await writeBroadcast(own, written, this.#home);
    return new BroadcastHandle(before ?? own, this, before !== null);
  }

  of<Result = unknown>(id: string): Broadcast<Result> {
    return new BroadcastHandle<Result>(checkBroadcastId(id), this);
  }

  results(id: BatchId, options: BroadcastResultsOptions): AsyncIterableIterator<BroadcastResult> {
    return broadcastResults(id, options, this.#home, this.#followings);
  }

  get(id: string): Promise<BroadcastView> {
    const { log, runtime, read } = this.#home;
    return read((zk) => readBroadcastView(zk, id, { log, now: runtime.now() }));
  }

  async list(options: { limit?: number } = {}): Promise<BroadcastSummary[]> {
    checkOptions(options, ['limit']);
    const { limit = LISTED } = options;
    if (!Number.isInteger(limit) || limit < 1)
      throw new InvalidArgumentError('limit', limit, 'a whole number of at least 1');
    const { log, runtime, read } = this.#home;
    return read((zk) => listBroadcasts(zk, limit, { log, now: runtime.now() }));
  }

  async cancel(ids: Iterable<string>, asked: AskOptions = {}): Promise<BroadcastReply[]> {
    if (typeof ids === 'string') throw new InvalidArgumentError('broadcasts', ids, 'a list of ids, such as [id]');
    const all = [...ids].map(checkBroadcastId);
    const replies: BroadcastReply[] = [];
    for (let from = 0; from < all.length; from += IDS_PER_COMMAND) {
      const broadcasts = all.slice(from, from + IDS_PER_COMMAND);
      const answer = await command({ kind: 'cancel-broadcasts', broadcasts }, this.#home.commands(asked), [BROADCAST]);
      broadcasts.forEach((id, at) => {
        const { broadcast: _id, ok = answer.ok, state, message } = answer.broadcasts?.[at] ?? {};
        replies.push({ id, ok, ...(state !== undefined && { state }), ...(message !== undefined && { message }) });
      });
    }
    return replies;
  }
}

function recordOf(
  spec: BroadcastSpec,
  { client, runtime }: BroadcastsHome,
  { by, reason }: AskOptions,
): BroadcastRecord {
  const { queue, task, where, joinersMs, key, skipDraining } = spec;
  return {
    ...{ queue, task, joinersMs, client, at: runtime.now() },
    ...(Object.keys(where).length > 0 && { where }),
    ...(key !== null && { key }),
    ...(skipDraining && { skipDraining }),
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    needs: needsOfBroadcast(featuresOf(task)),
  };
}

class BroadcastHandle<Result> implements Broadcast<Result> {
  readonly id: string;
  readonly replayed: boolean;
  readonly #broadcasts: BroadcastClient;

  constructor(id: string, broadcasts: BroadcastClient, replayed = false) {
    this.id = id;
    this.replayed = replayed;
    this.#broadcasts = broadcasts;
  }

  results(options: BroadcastResultsOptions = {}): AsyncIterableIterator<BroadcastResult<Result>> {
    return this.#broadcasts.results(this.id, options) as AsyncIterableIterator<BroadcastResult<Result>>;
  }

  status(): Promise<BroadcastView> {
    return this.#broadcasts.get(this.id);
  }

  async cancel(asked?: AskOptions): Promise<BroadcastReply> {
    const [reply] = await this.#broadcasts.cancel([this.id], asked);
    return reply ?? { id: this.id, ok: false, message: 'the leader gave no reason' };
  }
}

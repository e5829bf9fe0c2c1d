import type {
  AccountOptions,
  AccountView,
  PoolOptions,
  PoolView,
  ResourceOptions,
  ResourceView,
  ShownAmounts,
} from '@drover/core';
import type { Change } from '@drover/inspect';
import type { AskOptions } from '../options.js';

export interface DefinitionReply {
  name: string;
  change: 'created' | 'changed' | 'unchanged';
  revision: number;
  /** It is done, and somebody should know this: a limit below what is held, guarantees above what there is. */
  warnings: string[];
}

/** An account, a pool or a floating resource as it is defined, in the units that people write. */
export interface Defined<View> {
  name: string;
  revision: number;
  spec: View;
  changedBy: Change;
}

export type SetOptions = AskOptions & {
  /** The revision that is expected, 0 for none. Default: any. */
  ifRevision?: number;
  /** Fields that are not named are as at first. Default: they stay as they are. */
  replace?: boolean;
};

export interface Definitions<Options, View> {
  /**
   * Makes it, or changes what `options` name. Throws `InvalidArgumentError`; `RevisionConflictError` where it is not at the
   * expected revision. A limit, or a total, below what is held takes nothing away.
   */
  set(name: string, options: Options, asked?: SetOptions): Promise<DefinitionReply>;
  /** Reads ZooKeeper, needs no leader. Throws `UnknownDefinitionError`. */
  get(name: string): Promise<Defined<View>>;
  /** By name. Reads ZooKeeper, needs no leader. */
  list(): Promise<Defined<View>[]>;
  /**
   * One that is in use is removed only with `force`. Throws `UnknownDefinitionError`, `RevisionConflictError`, and
   * `CommandRefusedError` where it is in use.
   */
  remove(name: string, options?: AskOptions & { ifRevision?: number; force?: boolean }): Promise<void>;
}

/** An account in use, as the leader knows it. */
export interface AccountUse {
  account: string;
  weight: number;
  /** The largest part of any resource that its tasks hold, over its weight. */
  share: number;
  held: ShownAmounts;
  guarantee: ShownAmounts;
  limit: ShownAmounts;
  /** Due tasks of its queues. */
  pending: number;
}

export interface Accounts extends Definitions<AccountOptions, AccountView> {
  /** Those that are defined and those that are in use, by name. Asks the leader. */
  usage(): Promise<AccountUse[]>;
}
/** Advice of the leader for a pool of workers. */
export interface ScaleAdvice {
  pool: string;
  /** Workers that there should be, those that come included. */
  wanted: number;
  /** Those that are there and do not drain. */
  have: number;
  /** Those that are on their way, as far as the leader knows. */
  coming: number;
  /** Names of those that were given up and have nothing any more: they may be removed. */
  remove: string[];
  why: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Pools = Definitions<PoolOptions, PoolView>;
export type Resources = Definitions<ResourceOptions, ResourceView>;

type Amount = number | string;
export interface PoolCapacity {
  pool: string;
  workers: number;
  /**
   * Of each resource what may be claimed (what workers have, times the over-commit), what tasks that are out claim, what the workers
   * say that they use of their processors and memory (of other resources: what is claimed), and what is not claimed.
   */
  resources: Record<string, { capacity: Amount; claimed: Amount; used: Amount; free: Amount }>;
}

/** Work that fits nowhere now. */
export interface StuckClass {
  queue: string;
  type: string;
  account: string;
  /** Null: any pool. */
  pool: string | null;
  /** Its tasks that are due. */
  pending: number;
  /** Milliseconds since 1970; null: nobody knows. */
  since: number | null;
  /** `parked`: it waits for room; `unplaceable`: it fits no worker that there is, even an empty one. */
  state: string;
  /** A code of `why`. */
  reason: string;
  resources: ShownAmounts | null;
  where: string | null;
  /** Workers, those where it could ever run, and how many each condition excludes, each by itself. */
  workers: { total: number; feasible: number; filtered: Record<string, unknown> };
}

/** Resources as the leader knows them. */
export interface Capacity {
  pools: PoolCapacity[];
  poolsLeftOut: number;
  floating: { resource: string; total: number; claimed: number; free: number }[];
  classes: StuckClass[];
  classesLeftOut: number;
  parkedClasses: number;
  unplaceableTasks: number;
  /** When the leader looked. */
  asOf: number;
}

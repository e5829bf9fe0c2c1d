import type { QuestionName, Questions } from '@drover/api';
import type { Drover } from '@drover/client';
import type { Session } from '@drover/coordination';
import type { Log, Metrics, MetricsRegistry } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Access } from './access/access.js';
import type { Audit } from './access/audit.js';
import type { Operation } from './bulk/operation.js';
import type { LeaderWatch } from './leader/leader-watch.js';
import type { Live } from './live/live.js';
import type { Members } from './members.js';
import type { ReplicaClient } from './leader/request-json.js';
import type { SchedulerPort } from './port.js';
import type { Waits } from './server/waits.js';
import type { StreamHub } from './streams/hub.js';
import type { ApiThreadData } from './thread-data.js';
import type { ZooKeeperProbe } from './zookeeper/probe.js';

/** The things that handlers may use. All of it belongs to the thread of the API. */
export interface ApiContext {
  readonly schedulerId: string;
  readonly version: string;
  readonly data: ApiThreadData;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The registry behind `metrics`: of this thread alone. */
  readonly apiMetrics: MetricsRegistry;
  /** The thread's own client: submits and commands go to ZooKeeper directly. */
  readonly drover: Drover;
  readonly session: Session;
  /**
   * The handle of the thread's own session, for reads that the client library has no call for; znodes that it creates get the
   * root's ACL. Rejects with `ApiError` `zookeeper-unavailable`.
   */
  readonly zk: () => Promise<ZooKeeper>;
  /**
   * Waits for a read of the client library, but not for ever, as it does without ZooKeeper: rejects with `ApiError`
   * `zookeeper-unavailable`.
   */
  readonly stored: <T>(reading: Promise<T>) => Promise<T>;
  /** Asks the scheduler of this process; null: it does not lead. */
  readonly ask: <Name extends QuestionName>(
    name: Name,
    ask: Questions[Name]['ask'],
  ) => Promise<Questions[Name]['answer']>;
  /** Asks whoever leads. Rejects with `ApiError` `no-leader` or `leader-unreachable`. */
  readonly askLeader: <Name extends QuestionName>(
    name: Name,
    ask: Questions[Name]['ask'],
  ) => Promise<Exclude<Questions[Name]['answer'], null>>;
  readonly port: SchedulerPort;
  readonly leader: LeaderWatch;
  /** The leader's account: counters, failures, events, series. */
  readonly live: Live;
  /** Workers, schedulers and queues as the znodes tell them, shared by all viewers. */
  readonly members: Members;
  readonly probe: ZooKeeperProbe;
  readonly waits: Waits;
  readonly access: Access;
  readonly audit: Audit;
  /** Requests to the APIs of other replicas. */
  readonly replicas: ReplicaClient;
  readonly hub: StreamHub;
  /** Calls `listener` with each step of a bulk action of this replica. */
  readonly onOperation: (listener: (operation: Operation) => void) => () => void;
  /** Everybody who reaches the API may do everything. */
  readonly isExposed: boolean;
  /** Credentials for ZooKeeper are given, and its znodes are open to everybody. */
  readonly isRootOpen: () => boolean;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

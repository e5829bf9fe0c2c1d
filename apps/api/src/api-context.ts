import type { QuestionName, Questions } from '@drover/api';
import type { Drover } from '@drover/client';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { Audit } from './access/audit.js';
import type { Live } from './live/live.js';

/** What handlers may use. All of it belongs to the thread of the API. */
export interface ApiContext {
  readonly schedulerId: string;
  readonly version: string;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The thread's own client: submits and commands go to ZooKeeper directly. */
  readonly drover: Drover;
  /** The thread's own session, for reads that the client library has no call for. */
  readonly zk: () => Promise<ZooKeeper>;
  /** Asks the scheduler of this process; null: it does not lead. */
  readonly ask: <Name extends QuestionName>(name: Name, ask: Questions[Name]['ask']) => Promise<Questions[Name]['answer']>;
  /** What the leader has told: counters, failures, events, series. */
  readonly live: Live;
  readonly audit: Audit;
}

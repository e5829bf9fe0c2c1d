import type { Shape } from '@drover/api';
import type { StatusView, TokenView } from '@drover/client';
import type { Acl, ServerState } from '@drover/zookeeper';

/** Facts that could not be gathered, and why: checks that need them are skipped, never called well. */
export interface Missing {
  missing: string;
}
export type Gathered<T extends object> = T | Missing;

/** All that the checks look at: plain data, so that each check is a function of it. Times: milliseconds since 1970. */
export interface Facts {
  /** The clock of this machine. */
  now: number;
  connection: ConnectionFacts;
  session: Gathered<SessionFacts>;
  servers: Gathered<readonly ServerFacts[]>;
  cluster: Gathered<ClusterFacts>;
  api: Gathered<ApiFacts>;
  /** Of the API, by whichever way they may be read. */
  tokens: Gathered<readonly TokenView[]>;
  /** With `--deep`. */
  records: Gathered<RecordFacts>;
  /** Files with secrets, or that name some, which others may read or write. */
  exposedFiles: readonly { path: string; setting: string; others: 'read' | 'write' }[];
  /** By the settings of this machine: a receiver of spans. */
  otlp: Gathered<OtlpFacts>;
  /** Of TLS listeners that were asked. */
  certificates: readonly { what: string; validTo: number }[];
}

/** A receiver of spans, and why it takes none; null: it does. */
export interface OtlpFacts {
  endpoint: string;
  fault: string | null;
}

/** By the settings. */
export interface ConnectionFacts {
  connect: string;
  sessionTimeoutMs: number;
  tls: boolean;
  /** Schemes of the credentials. */
  auth: readonly string[];
  /** Whether all servers are on this machine. */
  loopback: boolean;
}

export interface SessionFacts {
  grantedTimeoutMs: number;
  /** Of some reads, sorted. */
  roundTripsMs: readonly number[];
  /** Null: there is no Drover at the root. */
  rootAcl: readonly Acl[] | null;
}

/** A server, as its four-letter words tell. */
export interface ServerFacts extends ServerState {
  address: string;
  /**
   * Its system properties, as its AdminServer tells them, such as `zookeeper.snapshotSizeFactor`; null: that does not answer.
   */
  properties: Readonly<Record<string, string>> | null;
}

export interface ClusterFacts {
  status: StatusView;
  /** The mtime of `/status` by ZooKeeper's clock less `at` by the leader's; null: there is no such znode. */
  leaderClockMs: number | null;
  /** When the leader wrote `/status` last, by its clock; null: never. */
  countedAt: number | null;
}

type Overview = Shape<'overview'>;
type Election = Shape<'election'>;
type FailureGroup = Shape<'failureGroup'>;

export interface ApiFacts {
  url: string;
  /** By `GET /v1`: how callers sign in. */
  auth: readonly string[];
  overview: Gathered<Overview>;
  election: Gathered<Election>;
  failures: Gathered<readonly FailureGroup[]>;
  /** The leader's metrics by name, with labels; such as `drover_plan_seconds_count` */
  metrics: Gathered<ReadonlyMap<string, number>>;
  /** The clock of the scheduler less that of this machine; null: it did not say. */
  clockMs: number | null;
  /** Of each scheduler that serves an API. */
  replicas: readonly ReplicaFacts[];
}

export interface ReplicaFacts {
  id: string;
  url: string;
  /** The answers of `/livez` and `/readyz`: 200 is well; 0: nobody answered. */
  livez: number;
  readyz: number;
  /** Why nobody answered. */
  why: string | null;
}

export interface RecordFacts {
  /** Znodes that were read. */
  read: number;
  invalid: readonly { path: string; why: string }[];
  /** Directories of assignments of workers that are not registered, and still have assignments. */
  orphans: readonly string[];
  /** Directories with the number of their children, where a list of them nears the limit of 1 MiB. */
  fullDirectories: readonly { path: string; children: number }[];
}

export const isMissing = (facts: object): facts is Missing => 'missing' in facts;

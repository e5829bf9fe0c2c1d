/**
 * The life of everything that runs: schedulers, workers, clients, servers.
 * `start` resolves when it does its work; `stop` is orderly, resolves when nothing of it is left, and may be called at
 * any time and more than once; `stopped` settles when it has ended for any reason (rejected: it failed).
 */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly stopped: Promise<void>;
}

/** The health of a service, for load balancers and orchestrators. */
export interface Health {
  ready: boolean;
  /** A text for people: `ok`, or why it is not ready. */
  why: string;
  /** It has been connected to ZooKeeper since it began. */
  hasConnected: boolean;
}

/** The settings of a client process. */
export interface ClientSettings {
  name: string;
  /** The connect string, with the chroot. */
  zk: string;
  seed: number;
  /** Path of the history of operations, which all clients share. */
  operations: string;
  sessionTimeoutMs: number;
  tasksPerSecond: number;
  /** Runs of a flow, and now and then a broadcast; not over HTTP. */
  runsPerSecond: number;
  maxUnfinished: number;
  /** The addresses of all APIs: everything goes over HTTP. Absent: the client library. */
  apis?: string[];
}

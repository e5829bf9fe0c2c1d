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
  maxUnfinished: number;
}

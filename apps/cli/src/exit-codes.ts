/** The exit codes of `drover`. */
export const EXIT = {
  DONE: 0,
  /** The task or the operation failed. */
  FAILED: 1,
  /** The command line, the settings or the input are not valid; nothing was done. */
  USAGE: 2,
  /** ZooKeeper cannot be reached, or no Drover is there. */
  UNREACHABLE: 3,
} as const;

/** The bounds of the system, each with its reason. Bytes are of UTF-8 JSON. */
export const LIMITS = {
  /** A payload or a result: a few of them fit one multi. */
  payloadBytes: 256 * 1024,
  resultBytes: 256 * 1024,
  /** Of what an attempt leaves for the next one: it goes with the error of the attempt. */
  checkpointBytes: 64 * 1024,
  /** Enough tasks to spread the cost of one write, few enough to be assigned in several parts. */
  batchTasks: 500,
  /** The most that a reader accepts of a writer with other limits; a record that names more is garbage. */
  readableTasks: 10_000,
  batchBytes: 64 * 1024,
  /** Of resources, conditions and companions in the header of a batch: everybody reads headers. */
  placementBytes: 16 * 1024,
  /** Each ZooKeeper server keeps its last 500 proposals in memory. */
  multiBytes: 256 * 1024,
  multiOperations: 500,
  nameLength: 128,
  /** Distinct queues, or types, of unfinished tasks: each costs the leader about a kilobyte. */
  names: 100_000,
  /** Names of types in the record of one worker. */
  workerTypesBytes: 128 * 1024,
  /** Queues, and types that nobody offers, that `/status` names. */
  shownNames: 100,
  /** Queues and tenants that `/intake` names as full. */
  fullNames: 1_000,
  /** Characters: UTF-16 code units, as JavaScript counts them. */
  keyLength: 512,
  maxAttempts: 100,
  /** Other tasks that a task may wait for. */
  dependencies: 100,
  /** Of a task, within its tenant: from -9 to 9. */
  priority: 9,
  /** Tenants of one queue that have a weight of their own: they stand in its record. */
  tenantWeights: 1_000,
  /** Limits that one task may name. */
  limitsOfTask: 8,
  /** Bytes of the text after the slash, with which tasks name a limit per key. */
  limitKeyBytes: 128,
  /** Parts that a rate limit is stored in: a key is always in the same one. */
  limitShards: 16,
  /** Active keys of one of these parts of a rate limit: those that have started something lately. */
  limitKeysOfShard: 4_000,
  /** Bytes of the key of a sequence. */
  sequenceBytes: 128,
  /** Times in a row that a task may ask to be run later, without using an attempt. */
  retriesLater: 1_000,
  /** Between two attempts, whoever computes it: the policy, the handler, a server's Retry-After. A year. */
  retryDelayMs: 365 * 86_400_000,
  /** How long a broadcast may be open: 30 days. */
  joinersMs: 30 * 86_400_000,
  /** Names of workers that one broadcast reaches. */
  broadcastNames: 10_000,
  /** Labels by which a broadcast chooses. */
  labelsOfWhere: 32,
  /** Characters of the message of a failure, and of its stack. */
  failureChars: 4_096,
} as const;

/** Queue, worker and scheduler names: one path component that reads well in a shell. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** Task types may have a colon and a slash too (`image:resize`), they never are a path component. */
export const TYPE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

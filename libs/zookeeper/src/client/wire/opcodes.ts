/** Request types (`org.apache.zookeeper.ZooDefs.OpCode`). */
export const OPCODE = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  check: 13,
  multi: 14,
  create2: 15,
  removeWatches: 18,
  createContainer: 19,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  getEphemerals: 103,
  countDescendants: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  closeSession: -11,
  /** Type of a result within a multi that is an error. */
  error: -1,
} as const;

/** Transaction ids of packets that are not a caller's request. A caller's are 1 to 2^31 - 1. */
export const XID = { event: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** `jute.maxbuffer` of a server that was not configured otherwise: it cuts the connection above this. */
export const MAX_REQUEST_BYTES = 1_048_575;

/** Means "any version" on the wire. */
export const ANY_VERSION = -1;

export const CREATE_FLAGS = {
  persistent: 0,
  ephemeral: 1,
  'persistent-sequential': 2,
  'ephemeral-sequential': 3,
  container: 4,
  'persistent-ttl': 5,
  'persistent-sequential-ttl': 6,
} as const;

/** Event types of a server's notification. Others (session events, removed persistent watches) concern no caller. */
export const EVENT_TYPE = {
  created: 1,
  deleted: 2,
  changed: 3,
  children: 4,
  dataWatchRemoved: 5,
  childWatchRemoved: 6,
} as const;

export const ADD_WATCH_MODE = { persistent: 0, recursive: 1 } as const;

/** The kind that `removeWatches` removes: every watch of the path that this session holds. */
export const REMOVE_ANY_WATCH = 3;

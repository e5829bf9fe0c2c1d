import { parseBroadcastsPath, parseFlowsPath, parseTasksPath } from '@drover/protocol';
import { isOwnId } from './check/leader-rules.js';
import type { Settings } from './settings.js';
import { relative, ROOT } from './check/znode-change.js';
import type { EnsembleFaulty } from './server/ensemble.js';
import type { Write } from './server/prepare.js';
import type { Tree } from './server/tree.js';

/**
 * A world in which one safeguard does not work: the rules must find a violation. Drover's code is unchanged; the
 * simulated ZooKeeper does something else than it was asked for.
 */
export interface Ablation extends EnsembleFaulty {
  /** Its worlds have schedules. */
  hasSchedules?: boolean;
  /** Its worlds have limits and sequences. */
  hasLimits?: boolean;
  /** Its worlds have flows. */
  hasFlows?: boolean;
  /** Its worlds have resources and labels. */
  hasPlacement?: boolean;
  /** Its worlds have these faults, so that few of them are needed. */
  settings?: Pick<Settings, 'faults' | 'faultEveryMs'>;
}

/** A check that always passes. */
const NOTHING: Write = { op: 'check', path: '/', version: -1 };
const ANY_VERSION = -1;

export const ABLATIONS = {
  /** The fence of a leader's writes: `/epoch` may have any version. */
  'epoch check': {
    alter: (writes) =>
      writes.map((write) =>
        write.op === 'check' && write.path === `${ROOT}/epoch` ? { ...write, version: ANY_VERSION } : write,
      ),
  },
  /** A worker's report is accepted although its assignment is gone. */
  'assignment check': {
    alter: (writes, sessionId, tree) =>
      writes.map((write) =>
        isOwnAssignment(write, sessionId) && tree.get(write.path) === undefined ? NOTHING : write,
      ),
  },
  /** The leader takes work away without deleting the assignment. */
  'revoke before reassigning': {
    alter: (writes, sessionId) =>
      writes.map((write) => (isAssignmentDelete(write) && !isOwnAssignment(write, sessionId) ? NOTHING : write)),
  },
  /** A last report and the end of its assignment are one transaction: here the assignment stays. */
  'completion with removal': {
    alter: (writes, sessionId) =>
      writes.map((write) => (isAssignmentDelete(write) && isOwnAssignment(write, sessionId) ? NOTHING : write)),
  },
  /** A client's watches are not set again after a reconnect. */
  'watches after a reconnect': { forgets: ['recursive', 'persistent'] },
  /** A client lists again after a reconnect, to find changes that it missed: here it gets the list from before. */
  'listing after a reconnect': { listsOld: true },
  /** A lease, two thirds of the session timeout, ends before the session: here the session ends after a quarter. */
  lease: {
    patience: 1 / 4,
    ...{ hasSchedules: false, hasLimits: false, hasFlows: false, hasPlacement: false },
    settings: { faults: ['one-way in', 'one-way out', 'black hole', 'slow'], faultEveryMs: 60 },
  },
  /** A worker gets a new id after its session has ended: here the new session, and so the worker, has the old id. */
  incarnation: { repeatsSessions: true },
  /** A client repeats a write of unknown outcome under the same name: here the repetition makes another batch. */
  'unknown outcome': {
    mishears: (writes, _sessionId, tree) =>
      writes.map((write) =>
        write.op === 'create' && isBatch(write.path) && tree.get(write.path) !== undefined
          ? { ...write, path: anotherBatch(write.path, tree) }
          : write,
      ),
  },
  /** A fire and its mark are one transaction: here the task is not made. */
  'fires with their marks': {
    hasSchedules: true,
    mishears: (writes) => (hasMarks(writes) ? writes.map((write) => (isFires(write) ? NOTHING : write)) : writes),
  },
  /** ... and here the mark stays where it was. */
  'marks with their fires': {
    hasSchedules: true,
    mishears: (writes) => (writes.some(isFires) ? writes.map((write) => (isMarks(write) ? NOTHING : write)) : writes),
  },
  /** A task that another one of its unique key supersedes has ended: here nobody remembers it. */
  supersession: {
    mishears: (writes) => writes.map((write) => (isSupersession(write) ? NOTHING : write)),
  },
  /** The leader writes a reservation before it hands out what uses it: here it does not write it. */
  'reservation before start': {
    hasLimits: true,
    mishears: (writes) =>
      writes.map((write) => (isReservation(write) ? { ...write, data: unreserved(write.data) } : write)),
  },
  /** A new leader counts what is out by the limits that it finds: here they allow three more than was set. */
  'counts at a takeover': {
    hasLimits: true,
    alter: (writes) => writes.map((write) => (isLimit(write) ? { ...write, data: higher(write.data) } : write)),
  },
  /** The turns of a sequence follow from the batches: here they do not say which tasks are in one. */
  sequence: {
    hasLimits: true,
    alter: (writes) => writes.map((write) => (isSequence(write) ? { ...write, data: unordered(write.data) } : write)),
  },
  /** Tasks under a rate, or of a sequence, go to free places: here workers have more of them than they say. */
  'free places': {
    hasLimits: true,
    alter: (writes) => writes.map((write) => (isWorker(write) ? { ...write, data: roomier(write.data) } : write)),
  },
  /** A draft goes out when its writer's report was accepted: here it is no draft, and goes out as soon as it is written. */
  'report before its items': {
    hasFlows: true,
    alter: (writes) => writes.map((write) => (isDraft(write) ? { ...write, data: undrafted(write.data) } : write)),
  },
  /** A worker writes drafts while it has its assignment: here also when that is gone. */
  'draft with its assignment': {
    hasFlows: true,
    alter: (writes, sessionId, tree) =>
      writes.some(isDraft)
        ? writes.map((write) =>
            isOwnAssignment(write, sessionId) && tree.get(write.path) === undefined ? NOTHING : write,
          )
        : writes,
  },
  /** A new leader starts nothing before it has read every batch: here it is not shown those of steps and broadcasts. */
  'batches at a takeover': {
    hasFlows: true,
    hides: (data) => /^[^\n]*"(?:of|broadcast)":[[{]/.test(data.toString('utf8')),
  },
  /** A signal counts from its note on: here that is written with the end of the run. */
  'signal before the end': { hasFlows: true, mishears: delayedSignals() },
  /** Ends of runs are noted: here nobody finds them. */
  'ends of runs': {
    hasFlows: true,
    alter: (writes) =>
      writes.map((write) => (isNote(write) ? { ...write, data: without('ended', write.data) } : write)),
  },
  /** A retry is noted in the transaction that starts its steps: here nobody finds it. */
  'retry with its steps': {
    hasFlows: true,
    alter: (writes) =>
      writes.map((write) => (isNote(write) ? { ...write, data: without('retry', write.data) } : write)),
  },
  /** A task of a broadcast is for one name: here they are exchanged. */
  'names of a broadcast': {
    hasFlows: true,
    alter: (writes) => writes.map((write) => (isPart(write) ? { ...write, data: exchanged(write.data) } : write)),
  },
  /** A broadcast that is closed has no joiners: here nobody finds that it is. */
  'closed broadcasts': {
    hasFlows: true,
    alter: (writes) => writes.map((write) => (isBroadcast(write) ? { ...write, data: reopened(write.data) } : write)),
  },
  /** A worker begins nothing for which it has no room: here it is told that tasks need nothing, and the leader that it has more. */
  'local check': {
    hasPlacement: true,
    alter: (writes) =>
      writes.map((write) =>
        isWorker(write)
          ? { ...write, data: richer(write.data) }
          : isAssignment(write)
            ? { ...write, data: useless(write.data) }
            : write,
      ),
  },
  /** A new leader counts by the assignments that it finds: here these claim nothing. */
  'claims at a takeover': {
    hasPlacement: true,
    shows: (path, data, sessionId) => {
      const [, , root, worker = '', name] = path.split('/');
      const isFound = root === 'assignments' && name !== undefined && !isOwnId(worker, sessionId);
      return isFound ? unclaimed(data) : data;
    },
  },
  /** Devices are held until an assignment is over: here each names the first ones. */
  'devices of assignments': {
    hasPlacement: true,
    alter: (writes) =>
      writes.map((write) => (isAssignment(write) ? { ...write, data: sameDevices(write.data) } : write)),
  },
  /** Tasks go to workers whose labels they ask for: here workers say that they are in the other zone. */
  'labels of workers': {
    hasPlacement: true,
    alter: (writes) => writes.map((write) => (isWorkers(write) ? { ...write, data: elsewhere(write.data) } : write)),
  },
  /** An attempt that is outrun by its copy is over with the report of that: here it goes on. */
  'copy with the end of its rival': {
    hasPlacement: true,
    alter: (writes, sessionId) => {
      const isReport = writes.some((write) => write.op === 'delete' && isOwnAssignment(write, sessionId));
      return writes.map((write) =>
        isReport && isAssignmentDelete(write) && !isOwnAssignment(write, sessionId) ? NOTHING : write,
      );
    },
  },
  /** An account holds no more than its limit: here the leader finds no limit. */
  'limits of accounts': {
    hasPlacement: true,
    shows: (path, data) => (isBelow('accounts', path) ? unlimited(data) : data),
  },
  /** Of a floating resource no more is claimed than there is: here the leader finds that there are two more. */
  'totals of floating resources': {
    hasPlacement: true,
    shows: (path, data) => (isBelow('resources', path) ? plentiful(data) : data),
  },
  /** Tasks that are to be apart are not at one place together: here the leader finds that they are to be at different workers, wherever these are. */
  'tasks apart': {
    hasPlacement: true,
    shows: (path, data) => (isBatch(path) ? together(data) : data),
  },
} as const satisfies Record<string, Ablation>;

export type AblationName = keyof typeof ABLATIONS;
export const ABLATION_NAMES = Object.keys(ABLATIONS) as AblationName[];

function isAssignmentDelete({ op, path }: Write): boolean {
  const parts = relative(path).split('/');
  return op === 'delete' && parts[1] === 'assignments' && parts.length === 4;
}

function isOwnAssignment({ op, path }: Write, sessionId: bigint): boolean {
  const parts = relative(path).split('/');
  if (op !== 'delete' && op !== 'check') return false;
  return parts[1] === 'assignments' && parts.length === 4 && isOwnId(parts[2] ?? '', sessionId);
}

const isMarks = ({ op, path }: Write): boolean => op === 'set' && /^\/schedules\/[^/]+\/state$/.test(relative(path));
const hasMarks = (writes: readonly Write[]): boolean => writes.some(isMarks);
const isFires = (write: Write): boolean =>
  write.op === 'create' && isBatch(write.path) && firstLine(write.data).includes('"fires":[');
const isSupersession = (write: Write): boolean =>
  write.op === 'create' && write.path.endsWith('.end') && write.data.includes('"superseded"');

const isReservation = (write: Write): write is Write & { op: 'create' | 'set' } =>
  (write.op === 'create' || write.op === 'set') && /^\/limits\/[^/]+\/[^/]+$/.test(relative(write.path));
const isWorker = (write: Write): write is Write & { op: 'create' } =>
  write.op === 'create' && /^\/workers\/[^/]+$/.test(relative(write.path));

const isWorkers = (write: Write): write is Write & { op: 'create' | 'set' } =>
  (write.op === 'create' || write.op === 'set') && /^\/workers\/[^/]+$/.test(relative(write.path));
const isAssignment = (write: Write): write is Write & { op: 'create' | 'set' } =>
  (write.op === 'create' || write.op === 'set') && /^\/assignments\/[^/]+\/[^/]+$/.test(relative(write.path));

const isBelow = (root: string, path: string): boolean => path.startsWith(`${ROOT}/${root}/`);

const isLimit = (write: Write): write is Write & { op: 'create' | 'set' } =>
  (write.op === 'create' || write.op === 'set') && /^\/limits\/[^/]+$/.test(relative(write.path));
const isSequence = (write: Write): write is Write & { op: 'create' } =>
  write.op === 'create' && isBatch(write.path) && firstLine(write.data).includes('"sequence":{');

const isDraft = (write: Write): write is Write & { op: 'create' } =>
  write.op === 'create' && isBatch(write.path) && /"draft":\{[^}]*"by":/.test(firstLine(write.data));
const isPart = (write: Write): write is Write & { op: 'create' } =>
  write.op === 'create' && isBatch(write.path) && firstLine(write.data).includes('"broadcast":{');
const isBroadcast = (write: Write): write is Write & { op: 'set' } =>
  write.op === 'set' && parseBroadcastsPath(relative(write.path))?.batch === null;
const isNote = (write: Write): write is Write & { op: 'create' } =>
  write.op === 'create' && typeof parseFlowsPath(relative(write.path))?.note === 'string';

/** The same with another first line. */
function withHeader<Header>(data: Buffer, change: (header: Header) => Header): Buffer {
  const [first = '', ...lines] = data.toString('utf8').split('\n');
  return Buffer.from([JSON.stringify(change(JSON.parse(first) as Header)), ...lines].join('\n'));
}

const undrafted = (data: Buffer): Buffer =>
  withHeader<{ draft?: unknown }>(data, ({ draft: _draft, ...header }) => header);

const exchanged = (data: Buffer): Buffer =>
  withHeader<{ broadcast: { workers: string[] } }>(data, ({ broadcast, ...header }) => ({
    ...header,
    broadcast: { ...broadcast, workers: [...broadcast.workers.slice(1), ...broadcast.workers.slice(0, 1)] },
  }));

const reopened = (data: Buffer): Buffer =>
  withHeader<{ closed?: unknown }>(data, ({ closed: _closed, ...record }) => record);

const linesOf = (kind: string, data: Buffer): string[] =>
  data
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith(`{"kind":"${kind}"`));

function without(kind: string, data: Buffer): Buffer {
  const left = data
    .toString('utf8')
    .split('\n')
    .filter((line) => !line.startsWith(`{"kind":"${kind}"`));
  return Buffer.from(left.join('\n'));
}

/** Signals of a flow are kept back until a run of it has ended. */
function delayedSignals(): NonNullable<Ablation['mishears']> {
  const kept = new WeakMap<Tree, Map<string, string[]>>();
  return (writes, _sessionId, tree) =>
    writes.map((write) => {
      if (!isNote(write)) return write;
      const own = kept.get(tree) ?? new Map<string, string[]>();
      kept.set(tree, own);
      const flow = parseFlowsPath(relative(write.path))?.flow ?? '';
      const signals = [...(own.get(flow) ?? []), ...linesOf('signal', write.data)];
      const isEnd = linesOf('ended', write.data).length > 0;
      own.set(flow, isEnd ? [] : signals);
      const data = without('signal', write.data);
      return { ...write, data: isEnd ? Buffer.from([data.toString('utf8'), ...signals].join('\n')) : data };
    });
}

function higher(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { spec: { concurrency: number | null } };
  const { concurrency } = record.spec;
  if (concurrency === null) return data;
  return Buffer.from(JSON.stringify({ ...record, spec: { ...record.spec, concurrency: concurrency + 3 } }));
}

const unordered = (data: Buffer): Buffer =>
  Buffer.from(data.toString('utf8').replaceAll(/,"sequence":\{"key":"[^"]*","onFailure":"[a-z]*"\}/g, ''));

function unreserved(data: Buffer): Buffer {
  const { v, keys } = JSON.parse(data.toString('utf8')) as { v: number; keys: [key: string][] };
  return Buffer.from(JSON.stringify({ v, keys: keys.map(([key]) => [key, 0]) }));
}

function roomier(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { capacity: number };
  return Buffer.from(JSON.stringify({ ...record, capacity: record.capacity + 3 }));
}

function richer(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { resources?: Record<string, number> };
  const { resources = {} } = record;
  const more = Object.fromEntries(
    Object.entries(resources).map(([name, amount]) => [name, name === 'gpu' ? amount : 3 * amount]),
  );
  return Buffer.from(JSON.stringify({ ...record, resources: more }));
}

/** It says that its tasks use nothing but a slot. One with devices stays as it is: handlers would miss them. */
function useless(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { width?: number; devices?: unknown };
  const isPlain = record.width === undefined || record.devices !== undefined;
  return isPlain ? data : Buffer.from(JSON.stringify({ ...record, use: { slots: 1_000 } }));
}

function unclaimed(data: Buffer): Buffer {
  const { width: _width, devices: _devices, ...record } = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(record));
}

function sameDevices(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { devices?: Record<string, string[]> };
  if (record.devices === undefined) return data;
  const devices = Object.fromEntries(
    Object.entries(record.devices).map(([name, each]) => [name, each.map((_, at) => String(at % 2))]),
  );
  return Buffer.from(JSON.stringify({ ...record, devices }));
}

function elsewhere(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { labels: Record<string, string> };
  const { zone } = record.labels;
  return zone === undefined
    ? data
    : Buffer.from(JSON.stringify({ ...record, labels: { ...record.labels, zone: zone === 'a' ? 'b' : 'a' } }));
}

function unlimited(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
  return Buffer.from(JSON.stringify({ ...record, limit: {} }));
}

function plentiful(data: Buffer): Buffer {
  const record = JSON.parse(data.toString('utf8')) as { total: number };
  return Buffer.from(JSON.stringify({ ...record, total: record.total + 2_000 }));
}

/** The same batch, and its tasks are apart by worker only. */
const together = (data: Buffer): Buffer =>
  Buffer.from(data.toString('utf8').replaceAll(/"apart":\{"by":"[a-z]*"/g, '"apart":{"by":"name"'));

const firstLine = (data: Buffer): string => data.toString('utf8').split('\n', 1)[0] ?? '';

function isBatch(path: string): boolean {
  const at = parseTasksPath(relative(path));
  return at !== null && at.result === null;
}

/** The path of another batch in the same bucket, which the last two characters of an id decide. */
function anotherBatch(path: string, tree: Tree): string {
  for (const digit of '0123456789') {
    const other = `${path.slice(0, -3)}${digit}${path.slice(-2)}`;
    if (tree.get(other) === undefined) return other;
  }
  return path;
}

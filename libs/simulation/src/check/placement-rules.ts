import {
  DEFAULT_QUEUE_SETTINGS,
  indexesOf,
  isDevice,
  satisfies,
  taskId,
  withSlots,
  type Amounts,
  type Apart,
  type QueueSettings,
  type TaskId,
} from '@drover/core';
import {
  childOf,
  decodeBatchHeader,
  decodeRecord,
  optionsAt,
  parseTasksPath,
  ROOTS,
  type BatchHeader,
  type TaskGroup,
  type WorkerRecord,
} from '@drover/protocol';
import type { Findings } from './findings.js';
import type { TaskNeeds } from './held-resources.js';
import type { TaskState } from './task-rules.js';
import { Versions } from './versions.js';
import type { ZnodeChange } from './znode-change.js';

export interface PlacementRulesOptions {
  /** Wall clock of the world. */
  readonly nowMs: () => number;
  /** A decision by what the leader knew before is written so much later, at most. */
  readonly knownWithinMs: number;
}

/** An assignment as the books of resources see it. */
interface Claim {
  readonly name: string;
  readonly worker: string;
  readonly queue: string;
  readonly batch: string;
  readonly tasks: readonly TaskState[];
  readonly groups: readonly TaskGroup[];
  /** At most so many run at once; null: the leader claims nothing for it. */
  readonly width: number | null;
  /** Of one task, by what the task and its queue say, as the leader may have known it; null: nobody says. */
  readonly demand: Amounts | null;
  readonly devices: Readonly<Record<string, readonly string[]>>;
  /** Those of its worker, that did not change lately: others say nothing for certain. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Resources and conditions, told by the committed transactions alone, after `TaskRules` has seen them: at each hand-out what
 * is claimed of its worker is no more than that has, of what floats no more than there is, by an account no more than its limit;
 * no device is promised twice; the worker's labels and pool are such as the task asks for, and tasks that are to be apart are. A leader decides by records that it may have read a moment ago: each that held then excuses it.
 */
export class PlacementRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #options: PlacementRulesOptions;
  readonly #workers = new Map<string, Versions<WorkerRecord>>();
  readonly #queues = new Map<string, Versions<QueueSettings>>();
  /** Of floating resources, all that ever were. */
  readonly #totals = new Map<string, Versions<number>>();
  /** Limits of accounts that were ever defined. */
  readonly #limits = new Map<string, Versions<Amounts>>();
  readonly #batches = new Map<string, BatchHeader>();
  readonly #claims = new Map<string, Claim>();
  /** By task and attempt. */
  readonly #needs = new Map<string, TaskNeeds>();
  #placed = 0;

  constructor(
    findings: Findings,
    taskOf: (batch: string, index: number) => TaskState | undefined,
    options: PlacementRulesOptions,
  ) {
    this.#findings = findings;
    this.#taskOf = taskOf;
    this.#options = options;
  }

  /** Assignments that claimed something. */
  get placed(): number {
    return this.#placed;
  }

  /** The demand of an attempt that was handed out; null: it never was. */
  needsOf({ task, attempt }: { task: TaskId; attempt: number }): TaskNeeds | null {
    return this.#needs.get(`${task} ${attempt}`) ?? null;
  }

  see(change: ZnodeChange): void {
    if (change.isSessionEnd) return;
    const made: string[] = [];
    for (const write of change.writes) {
      const { op, path } = write;
      if (op === 'check') continue;
      const [, root, ...rest] = path.split('/');
      if (op === 'delete') {
        if (`/${root ?? ''}` === ROOTS.queues)
          this.#versions(this.#queues, rest[0]).add(DEFAULT_QUEUE_SETTINGS, this.#now);
        if (`/${root ?? ''}` === ROOTS.assignments && rest.length === 2) this.#claims.delete(path);
        if (`/${root ?? ''}` === ROOTS.resources) this.#versions(this.#totals, rest[0]).add(0, this.#now);
        if (`/${root ?? ''}` === ROOTS.accounts) this.#declared(rest[0] ?? '', {});
        continue;
      }
      const worker = childOf(ROOTS.workers, path);
      const queue = childOf(ROOTS.queues, path);
      const resource = childOf(ROOTS.resources, path);
      const account = childOf(ROOTS.accounts, path);
      if (worker !== null)
        this.#versions(this.#workers, worker).add(decodeRecord('worker', path, write.data), this.#now);
      else if (resource !== null)
        this.#versions(this.#totals, resource).add(decodeRecord('resource', path, write.data).total, this.#now);
      else if (account !== null) this.#declared(account, decodeRecord('account', path, write.data).limit);
      else if (queue !== null) this.#configured(queue, path, write.data);
      else if (`/${root ?? ''}` === ROOTS.assignments && rest.length === 2 && op === 'create') {
        this.#claimed(path, write.data);
        made.push(path);
      } else if (op === 'create' && parseTasksPath(path)?.result === null)
        this.#batches.set(parseTasksPath(path)?.batch ?? '', decodeBatchHeader(path, write.data));
    }
    for (const path of made) this.#handedOut(path);
  }

  get #now(): number {
    return this.#options.nowMs();
  }

  #versions<Value>(of: Map<string, Versions<Value>>, name = ''): Versions<Value> {
    const known = of.get(name) ?? new Versions<Value>();
    of.set(name, known);
    return known;
  }

  #lately<Value>(of: Map<string, Versions<Value>>, name: string): Value[] {
    return of.get(name)?.since(this.#now - this.#options.knownWithinMs) ?? [];
  }

  #configured(queue: string, path: string, data: Buffer): void {
    const versions = this.#versions(this.#queues, queue);
    if (versions.last === undefined) versions.add(DEFAULT_QUEUE_SETTINGS, -Infinity);
    versions.add(decodeRecord('queue', path, data), this.#now);
  }

  #declared(account: string, limit: Amounts): void {
    const versions = this.#versions(this.#limits, account);
    if (versions.last === undefined) versions.add({}, -Infinity);
    versions.add(limit, this.#now);
  }

  /** The settings by which a leader may have decided. */
  #settingsOf(queue: string): QueueSettings[] {
    const settings = this.#lately(this.#queues, queue);
    return settings.length === 0 ? [DEFAULT_QUEUE_SETTINGS] : settings;
  }

  #claimed(path: string, data: Buffer): void {
    const [, , worker = '', name = ''] = path.split('/');
    const { batch, tasks, attempt, width, use, devices } = decodeRecord('assignment', path, data);
    const header = this.#batches.get(batch);
    // Settings of a queue say nothing of the tasks of a broadcast: each is for one worker.
    if (header === undefined || header.broadcast !== undefined) return;
    const indexes = [...indexesOf(tasks)];
    const groups = [...new Set(indexes.map((index) => optionsAt(header.groups, index)))];
    const own = groups[0]?.resources ?? null;
    // The leader's word on it is heeded only where it follows from nothing else.
    const says = own ?? use ?? null;
    this.#claims.set(path, {
      ...{ name, worker, queue: header.queue, groups, width: width ?? null, devices: devices ?? {} },
      tasks: indexes.map((index) => this.#taskOf(batch, index)).filter((task) => task !== undefined),
      demand: width === undefined && says === null ? null : withSlots(says),
      labels: certainLabels(this.#lately(this.#workers, worker)),
      batch,
    });
    for (const index of indexes) {
      const { where } = optionsAt(header.groups, index);
      this.#needs.set(`${taskId(batch, index)} ${attempt}`, {
        demand: this.#ofWorker(withSlots(says)),
        where: where ?? [],
      });
    }
  }

  /** The demand without what floats. */
  #ofWorker(demand: Amounts): Amounts {
    return Object.fromEntries(Object.entries(demand).filter(([resource]) => !this.#totals.has(resource)));
  }

  #handedOut(path: string): void {
    const claim = this.#claims.get(path);
    if (claim === undefined) return;
    const records = this.#lately(this.#workers, claim.worker);
    if (records.length === 0) return;
    this.#isClaimed(claim);
    this.#isWhere(claim, records);
    if (claim.width === null) return;
    this.#placed++;
    this.#hasRoom(claim, records);
    this.#isFloating(claim);
    this.#isWithinLimit(claim);
    this.#isApart(claim);
    this.#hasDevices(claim, records);
  }

  /** A task that asks for something is promised it; one that does not is handed out as ever. */
  #isClaimed({ name, groups, queue, width, devices }: Claim): void {
    const says = groups.some((group) => asksForPlace(group));
    if (says)
      this.#findings.expect(width !== null, () => `${name} is of tasks that ask for resources, and claims none`);
    const mayQueue = this.#settingsOf(queue).some(asksForPlace);
    if (says || mayQueue) return;
    const isPlain = width === null && Object.keys(devices).length === 0;
    this.#findings.expect(isPlain, () => `${name} is of tasks that ask for nothing, and claims resources`);
  }

  #isWhere({ name, worker, groups, queue }: Claim, records: readonly WorkerRecord[]): void {
    const settings = this.#settingsOf(queue);
    for (const { where } of groups) {
      const wanted = where === null ? settings.map((each) => each.where ?? []) : [where];
      const isMet = wanted.some((each) => records.some((record) => satisfies(each, labelsOf(record))));
      this.#findings.expect(
        isMet,
        () => `${name} was given to ${worker}, whose labels do not meet ${JSON.stringify(wanted)}`,
      );
    }
    const isInPool = settings.some(({ pool }) => pool === null || records.some((record) => poolOf(record) === pool));
    this.#findings.expect(
      isInPool,
      () => `${name} of queue ${queue} was given to ${worker}, which is in no pool of it`,
    );
  }

  /** Of what it needs itself: a worker that has shrunk may have promised more of something else. */
  #hasRoom({ name, worker, demand }: Claim, records: readonly WorkerRecord[]): void {
    const sum = new Map<string, number>();
    const those = [...this.#claims.values()].filter((other) => other.worker === worker);
    for (const other of those)
      for (const resource of Object.keys(other.demand ?? {}))
        if (!this.#totals.has(resource)) sum.set(resource, (sum.get(resource) ?? 0) + heldBy(other, resource));
    for (const [resource, claimed] of sum) {
      if ((demand?.[resource] ?? 0) === 0) continue;
      const most = Math.max(...records.map((record) => capacityOf(record, resource)));
      this.#findings.expect(
        claimed <= most,
        () =>
          `${name} was given to ${worker}, which has ${resource}=${most}, and ${claimed} of it are claimed: ` +
          those.map((other) => `${other.name} ${openOf(other)}/${other.width ?? 0}`).join(', '),
      );
    }
  }

  /** Of what floats no more is claimed than there is. */
  #isFloating(claim: Claim): void {
    for (const resource of Object.keys(claim.demand ?? {})) {
      if (!this.#totals.has(resource) || heldBy(claim, resource) === 0) continue;
      const total = Math.max(...this.#lately(this.#totals, resource));
      let claimed = 0;
      for (const other of this.#claims.values()) claimed += heldBy(other, resource);
      this.#findings.expect(
        claimed <= total,
        () => `${claim.name} went out, and ${claimed} of ${resource} are claimed, of which there is ${total}`,
      );
    }
  }

  /** The account of the queue; null: it was changed a moment ago. */
  #accountOf(queue: string): string | null {
    const [first, ...others] = this.#settingsOf(queue).map(({ account }) => account);
    return first !== undefined && others.every((each) => each === first) ? first : null;
  }

  /** An account that has a limit holds no more, when it is given something that counts. */
  #isWithinLimit(claim: Claim): void {
    const account = this.#accountOf(claim.queue);
    const limits = account === null ? [] : this.#lately(this.#limits, account);
    if (limits.length === 0) return;
    for (const resource of Object.keys(claim.demand ?? {})) {
      const limit = Math.max(...limits.map((each) => each[resource] ?? Infinity));
      if (limit === Infinity || heldBy(claim, resource) === 0) continue;
      let held = 0;
      for (const other of this.#claims.values())
        if (this.#accountOf(other.queue) === account) held += heldBy(other, resource);
      this.#findings.expect(
        held <= limit,
        () => `${claim.name} went out, and account ${account ?? ''} holds ${resource}=${held}, its limit is ${limit}`,
      );
    }
  }

  /** Of tasks that are to be apart one is out at each value of the label. */
  #isApart(claim: Claim): void {
    const rule = claim.groups[0]?.apart ?? null;
    const value = rule === null ? null : (claim.labels[rule.by] ?? null);
    if (rule === null || value === null) return;
    const beside = [...this.#claims.values()].filter(
      (other) => openOf(other) > 0 && areTogether(rule, claim, other) && other.labels[rule.by] === value,
    );
    const count = beside.reduce((sum, other) => sum + openOf(other), 0);
    const names = (): string => beside.map(({ name }) => name).join(', ');
    this.#findings.expect(
      count <= 1,
      () => `${count} tasks that are to be apart are at ${rule.by}=${value}: ${names()}`,
    );
  }

  #hasDevices({ name, worker }: Claim, records: readonly WorkerRecord[]): void {
    const held = new Map<string, number>();
    for (const other of this.#claims.values()) {
      if (other.worker !== worker || openOf(other) === 0) continue;
      for (const [resource, names] of Object.entries(other.devices))
        for (const device of names) {
          const amount = Math.min(1_000, other.demand?.[resource] ?? 0);
          const key = `${resource}/${device}`;
          held.set(key, (held.get(key) ?? 0) + amount);
        }
    }
    for (const [device, amount] of held)
      this.#findings.expect(
        amount <= 1_000,
        () => `${name}: ${device} of ${worker} is promised to ${amount} thousandths`,
      );
    const [first] = records;
    const { devices, demand, width } = this.#claims.get(`${ROOTS.assignments}/${worker}/${name}`) ?? {};
    if (records.length > 1 || first === undefined || demand === null || demand === undefined) return;
    for (const [resource, amount] of Object.entries(demand)) {
      if (!isDevice(resource) || amount === 0 || first.devices?.[resource] === undefined) continue;
      const names = devices?.[resource] ?? [];
      const count = (width ?? 1) * Math.max(1, amount / 1_000);
      const areThere = names.length === count && names.every((one) => first.devices?.[resource]?.includes(one));
      this.#findings.expect(
        areThere,
        () => `${name} names ${names.join(', ')} of ${resource}, it needs ${count} of ${worker}`,
      );
    }
  }
}

/** Those that have not ended. */
const openOf = ({ tasks, name }: Claim): number =>
  tasks.filter(({ out, copy }) => out === name || copy === name).length;

/** So much of the resource its tasks hold at most. */
const heldBy = (claim: Claim, resource: string): number =>
  (claim.demand?.[resource] ?? 0) * Math.min(claim.width ?? 0, openOf(claim));

const poolOf = ({ pool }: WorkerRecord): string => pool ?? 'default';

const labelsOf = (record: WorkerRecord): Record<string, string> => ({
  ...record.labels,
  ...{ name: record.name, host: record.host, pool: poolOf(record) },
});

/** Labels with values that all of the records have. */
function certainLabels(records: readonly WorkerRecord[]): Record<string, string> {
  const [first, ...others] = records.map(labelsOf);
  const certain = Object.entries(first ?? {}).filter(([name, value]) => others.every((each) => each[name] === value));
  return Object.fromEntries(certain);
}

/** Whether the other one counts beside the claim. */
function areTogether({ by, over }: Apart, claim: Claim, { groups, queue, batch }: Claim): boolean {
  const other = groups[0]?.apart;
  if (other?.by !== by || other.over !== over || queue !== claim.queue) return false;
  return over !== 'batch' || batch === claim.batch;
}

function capacityOf({ capacity, resources, overcommit }: WorkerRecord, resource: string): number {
  if (resource === 'slots') return capacity * 1_000;
  return Math.floor((resources?.[resource] ?? 0) * (overcommit?.[resource] ?? 1));
}

/** It says something of resources or workers. `account`: only of a queue. */
function asksForPlace(
  says: Partial<Pick<TaskGroup, 'resources' | 'where' | 'prefer' | 'spread' | 'apart' | 'near' | 'sticky'>> &
    Partial<Pick<QueueSettings, 'account' | 'pool' | 'preemptible'>>,
): boolean {
  const { resources, where, prefer, spread, apart, near, sticky, account, pool, preemptible } = says;
  const given = [resources, where, prefer, spread, apart, near, sticky, pool].some(
    (each) => each !== null && each !== undefined,
  );
  return given || preemptible === true || (account ?? 'default') !== 'default';
}

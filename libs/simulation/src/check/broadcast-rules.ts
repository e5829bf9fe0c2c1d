import { indexesOf } from '@drover/core';
import {
  decodeBatch,
  decodeBroadcast,
  decodeRecord,
  broadcastPartPath,
  parseBroadcastsPath,
  parseTasksPath,
  ROOTS,
  type BatchHeader,
  type BroadcastRecord,
} from '@drover/protocol';
import type { Findings } from './findings.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange, ZnodeWrite } from './znode-change.js';

interface KnownBroadcast {
  readonly id: string;
  record: BroadcastRecord;
  /** The transaction that created it. */
  readonly zxid: bigint;
  /** The batch of each name that was given a task. */
  readonly batchOf: Map<string, string>;
}
type Part = NonNullable<BatchHeader['broadcast']>;

/**
 * Each name has one task of a broadcast, and its worker alone is given it; nobody joins one that is closed, nor one of a key
 * after a newer one of it; and it has ended as its tasks have. Told by the committed transactions alone, after `TaskRules`
 * has seen them.
 */
export class BroadcastRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #known = new Map<string, KnownBroadcast>();
  readonly #parts = new Map<string, Part>();
  /** By key and name: the newest broadcast of which the name was given a task. */
  readonly #newest = new Map<string, KnownBroadcast>();
  #tasks = 0;

  constructor(findings: Findings, taskOf: (batch: string, index: number) => TaskState | undefined) {
    this.#findings = findings;
    this.#taskOf = taskOf;
  }

  /** Tasks that were made, in all. */
  get tasks(): number {
    return this.#tasks;
  }

  see({ writes, isSessionEnd, zxid }: ZnodeChange): void {
    if (isSessionEnd) return;
    for (const write of writes) {
      if (write.op !== 'create' && write.op !== 'set') continue;
      if (write.path.startsWith(`${ROOTS.broadcasts}/`)) this.#told(write, zxid);
      else if (write.op === 'create' && write.path.startsWith(`${ROOTS.tasks}/`)) this.#made(write, writes);
      else if (write.op === 'create' && write.path.startsWith(`${ROOTS.assignments}/`)) this.#assigned(write);
    }
  }

  #told({ path, data }: ZnodeWrite & { op: 'create' | 'set' }, zxid: bigint): void {
    const at = parseBroadcastsPath(path);
    if (at?.batch !== null) return;
    const { record } = decodeBroadcast(path, data);
    const known = this.#known.get(at.broadcast);
    if (known === undefined) {
      this.#known.set(at.broadcast, { id: at.broadcast, record, zxid, batchOf: new Map() });
      return;
    }
    const isReopened = known.record.closed !== undefined && record.closed === undefined;
    this.#findings.expect(!isReopened, () => `broadcast ${known.id} was closed, and is open again`);
    if (record.closed?.why === 'superseded' && known.record.closed === undefined)
      this.#superseded(known, record.closed.newer);
    if (record.finished !== undefined && known.record.finished === undefined) this.#finished(known, record.finished);
    known.record = record;
  }

  #superseded({ id, record: { key }, zxid }: KnownBroadcast, newerId: string | undefined): void {
    const newer = this.#known.get(newerId ?? '');
    const isNewer = key !== undefined && newer?.record.key === key && newer.zxid > zxid;
    this.#findings.expect(
      isNewer,
      () => `broadcast ${id} was closed for ${newerId ?? ''}, which is no newer one of its key`,
    );
  }

  #finished({ id, batchOf }: KnownBroadcast, told: NonNullable<BroadcastRecord['finished']>): void {
    const count = { succeeded: 0, failed: 0, cancelled: 0 };
    for (const batch of new Set(batchOf.values()))
      for (const [index, name] of (this.#parts.get(batch)?.workers ?? []).entries()) {
        const final = this.#taskOf(batch, index)?.final ?? null;
        if (final === null) this.#findings.add(`broadcast ${id} was finished, its task for ${name} has not ended`);
        else count[final]++;
      }
    const agrees = (['succeeded', 'failed', 'cancelled'] as const).every((how) => told[how] === count[how]);
    this.#findings.expect(
      agrees,
      () => `broadcast ${id} was finished with ${JSON.stringify(told)}, it is ${JSON.stringify(count)}`,
    );
  }

  #made({ path, data }: ZnodeWrite & { op: 'create' | 'set' }, writes: readonly ZnodeWrite[]): void {
    const at = parseTasksPath(path);
    if (at?.result !== null) return;
    const part = decodeBatch(path, data).header.broadcast;
    if (part === undefined) return;
    const { batch } = at;
    this.#parts.set(batch, part);
    this.#tasks += part.workers.length;
    const known = this.#known.get(part.id);
    const expect = (holds: boolean, why: string): void =>
      this.#findings.expect(holds, () => `batch ${batch} of broadcast ${part.id} was made ${why}`);
    expect(writes[0]?.op === 'check' && writes[0].path === ROOTS.epoch, 'by somebody who does not lead');
    const mark = broadcastPartPath(part.id, batch);
    expect(
      writes.some((write) => write.op === 'create' && write.path === mark),
      'without its mark',
    );
    if (known === undefined) return expect(false, 'and there is no such broadcast');
    expect(known.record.closed === undefined, `after it was closed (${known.record.closed?.why ?? ''})`);
    for (const name of part.workers) this.#joined(known, name, batch);
  }

  #joined(known: KnownBroadcast, name: string, batch: string): void {
    const { id, batchOf, record } = known;
    const before = batchOf.get(name);
    this.#findings.expect(
      before === undefined,
      () => `${name} has two tasks of broadcast ${id}: in ${before ?? ''} and ${batch}`,
    );
    batchOf.set(name, batch);
    if (record.key === undefined) return;
    const newest = this.#newest.get(`${record.key} ${name}`);
    const isNewer = newest === undefined || newest.zxid < known.zxid;
    this.#findings.expect(
      isNewer,
      () => `${name} was given broadcast ${id} after ${newest?.id ?? ''}, the newer one of its key`,
    );
    if (isNewer) this.#newest.set(`${record.key} ${name}`, known);
  }

  /** A worker's id is its name and what follows from its session. */
  #assigned({ path, data }: ZnodeWrite & { op: 'create' | 'set' }): void {
    const [, , worker = '', name] = path.split('/');
    if (name === undefined) return;
    const { batch, tasks } = decodeRecord('assignment', path, data);
    const part = this.#parts.get(batch);
    if (part === undefined) return;
    const own = worker.slice(0, worker.lastIndexOf('-'));
    for (const index of indexesOf(tasks))
      this.#findings.expect(
        part.workers[index] === own,
        () => `the task of broadcast ${part.id} for ${part.workers[index] ?? ''} was given to ${worker}`,
      );
  }
}

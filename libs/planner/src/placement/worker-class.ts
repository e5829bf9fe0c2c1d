import type { WorkerKind } from '../routes.js';
import { FreeTree } from './free-tree.js';
import type { PlacedWorker } from './placed-worker.js';
import type { WhereGroup } from './where-group.js';

export type Labels = Readonly<Record<string, string>>;

/** Labels that are of one worker mostly: they make no class of their own. */
export const escapes = (label: string): boolean => label === 'host' || label === 'name' || label.startsWith('unique.');

/** Workers that offer the same, and that no condition tells apart, but for labels that escape. */
export class WorkerClass {
  readonly key: string;
  readonly kind: WorkerKind;
  readonly pool: string;
  /** Those that do not escape, with the label `pool`. */
  readonly labels: Labels;
  /** Each at its place in the trees. */
  readonly members: PlacedWorker[] = [];
  readonly free: FreeTree;
  /** Of each as if it were empty. */
  readonly empty: FreeTree;
  /** Those whose tasks may go here. */
  readonly groups = new Set<WhereGroup>();
  /** By number of the group, 1: its tasks may go here. */
  takes = new Uint8Array(64);
  /** Members that may be given work. */
  eligible = 0;
  /** Groups with routes that wait for a slot, of any member. */
  wanting = 0;

  constructor(key: string, { kind, pool, labels, stride }: ClassShape) {
    this.key = key;
    this.kind = kind;
    this.pool = pool;
    this.labels = labels;
    this.free = new FreeTree(stride);
    this.empty = new FreeTree(stride);
  }

  /** Tasks of the group may go here. */
  enter(group: WhereGroup): void {
    this.groups.add(group);
    if (group.number >= this.takes.length) {
      const before = this.takes;
      this.takes = new Uint8Array(2 * group.number);
      this.takes.set(before);
    }
    this.takes[group.number] = 1;
  }

  /** False: they might not. */
  leave(group: WhereGroup): boolean {
    this.takes[group.number] = 0;
    return this.groups.delete(group);
  }

  add(member: PlacedWorker): void {
    member.place = this.members.length;
    this.members.push(member);
    for (const group of this.groups) group.changed();
  }

  /** The last one takes its place. */
  remove(member: PlacedWorker): void {
    const last = this.members.pop();
    if (last === undefined) return;
    for (const group of this.groups) group.changed();
    this.free.clear(this.members.length);
    this.empty.clear(this.members.length);
    if (last === member) return;
    this.members[member.place] = last;
    last.place = member.place;
    last.writeAll();
  }
}

interface ClassShape {
  readonly kind: WorkerKind;
  readonly pool: string;
  readonly labels: Labels;
  readonly stride: number;
}

/** Exact: nothing is hashed. */
export function classKey(kind: WorkerKind, pool: string, labels: Labels): string {
  const kept = Object.entries(labels)
    .filter(([label]) => !escapes(label))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([kind.key, pool, kept]);
}

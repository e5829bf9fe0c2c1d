import type { ClassFields } from '../classes.js';
import { earlier, type Aside } from '../gates.js';
import { Route, type WorkerKind } from '../routes.js';
import type { SubQueue } from '../sub-queue.js';
import type { Waiter } from '../waiting.js';
import type { WorkerState } from '../worker-state.js';
import type { ClassPlacement } from './class-placement.js';
import type { Demand } from './dimensions.js';
import type { Parked } from './parked.js';
import type { PlacedWorker } from './placed-worker.js';
import type { Ring } from './ring.js';
import type { SpreadRule } from './spreads.js';
import type { WhereGroup } from './where-group.js';
import type { WorkerClass } from './worker-class.js';

/**
 * The workers to which work classes of one demand may go. As a gate it is open while one of them may have room; it is parked
 * when none has, and woken when one has grown enough. Its workers are in no lists: the trees of their classes know them.
 */
export class PlacedRoute extends Route {
  readonly key: string;
  readonly placement: ClassPlacement;
  readonly needs: readonly string[];
  override readonly type: string;
  group: WhereGroup;
  demand: Demand;
  /** Since when nobody has had room for it, and nothing of it went out; null: something did last. */
  parkedAt: number | null = null;
  /** Something of it went out since it was parked last. */
  hasGone = false;
  /** Since when nobody could take it, were everybody empty. */
  unplaceableSince: number | null = null;
  /** The ties of its tasks to others; null: there are none, and they stick to no worker and to no place. */
  readonly ties: Ties | null;
  /** When room was declined first that is not where its tasks want to be. */
  declinedAt: number | null = null;
  /** As the last choice left it: until then its tasks wait for a better place. */
  waitsUntil: number | null = null;
  /** The worker that woke it: when it was parked nobody had room. */
  grown: PlacedWorker | null = null;
  /** How often workers had nothing left to offer when it was woken. */
  offeredAfter = 0;
  /** Parked, and for want of a slot alone. */
  wantsSlot = false;
  /** Its row of the table of those that are parked; -1: it is not. */
  row = -1;
  parkedIn: Parked | null = null;

  constructor(
    key: string,
    fields: PlacedFields,
    { group, demand, ties }: { group: WhereGroup; demand: Demand; ties: Ties | null },
  ) {
    super(fields.type);
    this.ties = ties;
    this.key = key;
    this.type = fields.type;
    this.needs = fields.needs;
    this.placement = fields.placement;
    this.group = group;
    this.demand = demand;
    this.eligible = group.eligible;
  }

  get isParked(): boolean {
    return this.row >= 0;
  }

  /** Those count who wait for a key that has room again: they too would have their turn if somebody had room. */
  override get head(): SubQueue | null {
    let head = super.head;
    for (const side of this.sides) if (side.key.isOpen) head = earlier(head, side.head);
    return head;
  }

  override add(waiter: Waiter): Aside {
    const aside = super.add(waiter);
    this.parkedIn?.changed(this);
    return aside;
  }

  override tidy(aside: Aside): void {
    super.tidy(aside);
    this.parkedIn?.changed(this);
  }

  /** Its kinds are those of its group. */
  get offering(): ReadonlySet<WorkerKind> {
    return this.group.where.kinds;
  }

  /** Times that its demand fits: tasks that may run at once. */
  override idlePlaces(): number {
    let idle = 0;
    for (const member of this.group.members()) if (this.fits(member)) idle += this.times(member);
    return idle;
  }

  /** Members at a place such as `host:h17`. */
  *placeMembers(place: string): Generator<PlacedWorker> {
    for (const member of this.ties?.at(place) ?? [])
      if (member.of.groups.has(this.group) && this.group.suits(member)) yield member;
  }

  /** The workers to which keys stick. */
  ring(): Ring {
    return this.group.ring(this.demand);
  }

  /** The member has room for a task of it. */
  fits(member: PlacedWorker): boolean {
    return member.of.free.fits(member.place, this.demand) && this.group.suits(member) && member.leftOf(this.type) > 0;
  }

  /** How many tasks of it a worker may run that is kept for suspects, so that nobody else sees its room. */
  timesKept({ placed }: WorkerState): number {
    if (placed === null || !placed.of.groups.has(this.group) || !this.group.suits(placed)) return 0;
    return Math.min(placed.timesUnseen(this.demand), placed.leftOf(this.type));
  }

  /** How many tasks of it the member may run beside what it runs. */
  times(member: PlacedWorker): number {
    return Math.min(member.times(this.demand), member.leftOf(this.type));
  }

  /** Somebody could take a task of it, if everybody were empty. */
  get isPlaceable(): boolean {
    if (this.demand.isImpossible) return false;
    for (const { classes } of this.group.levels) for (const each of classes) if (this.#couldGoTo(each)) return true;
    return false;
  }

  #couldGoTo({ empty, members }: WorkerClass): boolean {
    const { demand, group } = this;
    if (!empty.mayFit(demand)) return false;
    const steps = { left: Infinity };
    for (let at = empty.first(demand, 0, steps); at >= 0; at = empty.first(demand, at + 1, steps))
      if (group.suits(members[at] as PlacedWorker)) return true;
    return false;
  }

  override *members(): Generator<WorkerState> {
    for (const { worker } of this.group.members()) yield worker;
  }

  override *everybody(): Generator<WorkerState> {
    for (const { worker } of this.group.members()) if (worker.eligible) yield worker;
  }

  /** Somebody offers the type: whether it can be placed is another matter. */
  override get isUsable(): boolean {
    for (const { members } of this.offering) for (const worker of members) if (worker.isUsable) return true;
    return false;
  }
}

export interface Ties {
  readonly rules: readonly SpreadRule[];
  readonly at: (place: string) => Iterable<PlacedWorker>;
}

export type PlacedFields = ClassFields & { readonly placement: ClassPlacement };

import { AccountBook, type Account } from './accounts.js';
import type { Ages } from './ages.js';
import { Band, type Seat } from './bands.js';
import type { WorkClass } from './classes.js';
import { Heap } from './collections.js';
import { Gate, Side, type Aside, type Key } from './gates.js';
import { Guarantees, SHARE_WINDOW } from './guarantees.js';
import type { QueueState } from './queue-state.js';
import type { Route } from './routes.js';
import type { Strand } from './strands.js';
import type { SubQueue } from './sub-queue.js';
import type { Level, Tenant } from './tenants.js';
import type { Waiter } from './waiting.js';

/** The rest of the planner knows limits and sequences: the contest asks it about sub-queues that have a guard. */
export interface Guards {
  /** Tasks at its head that may not go out now leave its line. The key where all of it must wait; `left`: nothing is in line. */
  stop: (sub: SubQueue) => Key | 'left' | null;
  /** As many tasks of the strand as its keys have room for go back to the line of its sub-queue, or it waits at another key. */
  giveBack: (strand: Strand) => void;
  /** A sub-queue of the route had its turn, and nothing of it may go out now. */
  passed: (route: Route) => void;
}

const NO_GUARDS: Guards = { stop: () => null, giveBack: () => undefined, passed: () => undefined };

/**
 * The order of turns: a tree of heaps, priority, account, queue, tenant, priority of the task, class. The protocol is in
 * the README, "The contest".
 */
export class Contest {
  readonly #bands = new Map<number, Band>();
  readonly #order = new Heap<Band>((a, b) => a.priority > b.priority);
  /** Classes that are closed until the next plan. */
  #closed: WorkClass[] = [];
  /** Sub-queues that take turns, and whose gates are open. Above 0: somebody may be next. */
  #ready = 0;
  readonly #guarantees: Guarantees;
  /** Within a tenant a task of a lower priority goes first after so long for each level; null: never. */
  readonly agingMs: number | null;
  #now = 0;
  #numbers = 0;
  readonly #guards: Guards;
  readonly accounts: AccountBook;
  /** Sub-queues that have a guard wait here until a new leader has read everything. */
  readonly #unread = new Gate();

  /** `shareWindow`: of so many hand-outs a minimum share is a part. */
  constructor(agingMs: number | null, shareWindow = SHARE_WINDOW, guards = NO_GUARDS, accounts = new AccountBook()) {
    this.agingMs = agingMs;
    this.accounts = accounts;
    this.#guards = guards;
    this.#unread.isOpen = false;
    this.#guarantees = new Guarantees(shareWindow);
  }

  /** Of a new queue. */
  nextNumber(): number {
    return ++this.#numbers;
  }

  /** Priorities that some queue has. */
  get size(): number {
    return this.#bands.size;
  }

  /** The seat of a new queue, or the new one of a queue, which must join it. */
  seat(priority: number, account: Account): Seat {
    let band = this.#bands.get(priority);
    if (band === undefined) {
      band = new Band(priority);
      this.#bands.set(priority, band);
    }
    account.queues++;
    return band.seat(account);
  }

  /** A queue of the seat is forgotten, or goes to another one. */
  release(queue: QueueState, seat = queue.seat): void {
    const { band, account } = seat;
    account.queues--;
    seat.queues.delete(queue);
    if (seat.queues.size === 0) {
      band.seats.delete(account);
      account.seats.delete(seat);
      this.accounts.forgetIfIdle(account);
    }
    if (band.seats.size === 0) this.#bands.delete(band.priority);
  }

  /** The next sub-queue that can be served, or null. Those that meet a closed gate are set aside on the way. */
  first(): SubQueue | null {
    while (this.#ready > 0) {
      const queue = this.#guarantees.first ?? this.#order.first?.turns.first?.turns.first ?? null;
      const top = queue?.firstTenant?.top ?? null;
      const sub = top?.first ?? null;
      if (queue === null || top === null || sub === null) return null;
      if (this.#stops(sub)) continue;
      if (top.ages === null) return sub;
      const overdue = this.#overdue(queue, top);
      if (overdue === null) return sub;
      if (overdue !== 'look again' && !this.#stops(overdue)) return overdue;
    }
    return null;
  }

  /** One whose turn has come meets a closed gate: it is set aside. */
  #stops(sub: SubQueue): boolean {
    const { workClass } = sub;
    const { route } = workClass;
    if (!route.isOpen) this.#setAside(sub, route);
    else if (!workClass.isOpen) this.#setAside(sub, workClass);
    else if (sub.guard === null || !this.#isGuarded(sub)) return false;
    this.#guards.passed(route);
    return true;
  }

  #isGuarded(sub: SubQueue): boolean {
    if (!this.#unread.isOpen) {
      this.#setAside(sub, this.#unread);
      return true;
    }
    const stop = this.#guards.stop(sub);
    if (stop !== null && stop !== 'left') {
      this.closeKey(stop);
      this.#setAside(sub, stop);
    }
    return stop !== null;
  }

  /** Everything is known from now on: no guard need wait. */
  hasRead(): void {
    this.#unread.isOpen = true;
    for (const aside of [...this.#unread.asides()])
      for (let { first } = aside.waiting; first !== null; { first } = aside.waiting) {
        aside.waiting.remove(first);
        move(first.sub, null);
        this.#stand(first.sub);
      }
  }

  /** Next tasks may turn out to be younger than was thought: then others are older perhaps where they wait. */
  #overdue(queue: QueueState, top: Level): SubQueue | 'look again' | null {
    const { tenant } = top;
    const overdue = this.agingMs === null ? null : tenant.overdue(top, this.#now, this.agingMs);
    let haveGrown = false;
    for (const { ages } of tenant.levels)
      if (ages?.hasGrown === true) {
        ages.hasGrown = false;
        haveGrown = true;
      }
    if (!haveGrown) return overdue;
    this.#replaceAll(queue);
    return 'look again';
  }

  /** It has pending tasks, which it had not. */
  enter(sub: SubQueue): void {
    const { queue, level } = sub;
    level.join(sub);
    if (level.tenant.waiting++ === 0 && queue.tenants !== null) queue.tenants.turns.join(level.tenant);
    queue.account.wants(sub, 1);
    this.#stand(sub);
    // Overdue tasks came back beside candidates only where the tenant had several levels already.
    if (level.tenant.levels.length > 1) this.#replaceAll(queue);
  }

  /** Nothing of it is pending any more. */
  leave(sub: SubQueue): void {
    sub.level.tenant.waiting--;
    sub.queue.account.wants(sub, -1);
    this.rest(sub);
  }

  /** Nothing is in its line: what is pending has been set aside. */
  rest(sub: SubQueue): void {
    const { at } = sub;
    // First of all: a strand of it may come back for those that it stood for.
    move(sub, null);
    if (at === 'queue') this.#stepDown(sub);
    else if (at !== null) removeFrom(at, sub);
    if (sub.level.tenant.levels.length > 1) this.#replaceAll(sub.queue);
    this.#replace(sub);
  }

  /** Something is in its line again. */
  resume(sub: SubQueue): void {
    if (sub.at === null) this.#stand(sub);
  }

  /** It must not wait at a key of a limit: its limits are others. */
  freeFromKey(sub: SubQueue): void {
    if (sub.at === null || sub.at === 'queue' || !(sub.at.gate instanceof Side)) return;
    removeFrom(sub.at, sub);
    move(sub, null);
    this.#stand(sub);
  }

  /** Its next task may be an older one than before. */
  aged(sub: SubQueue): void {
    const { level, at } = sub;
    if (level.ages === null || at === null) return;
    level.ages.changed(sub);
    if (at !== 'queue') this.#replaceAt(at);
  }

  /** So many of its tasks were handed out. `cost`: what they cost the tenant, in the unit in which tenants share. */
  serve(sub: SubQueue, tasks: number, cost = tasks): void {
    const { queue, level } = sub;
    const { tenant } = level;
    // The minimum share the queue nothing of the share that its weight gives it.
    if (!this.#guarantees.serve(queue, tasks)) this.#serveSeat(queue, tasks);
    queue.tenants?.turns.serve(tenant, tenant.pay(cost), tenant.weight);
    level.serve(sub, tasks, 1);
    tenant.noteOrder(level, tasks);
    this.#replaceAll(queue);
  }

  #serveSeat(queue: QueueState, tasks: number): void {
    const { seat, settings } = queue;
    const { band, account } = seat;
    seat.turns.serve(queue, tasks, settings.weight);
    if (band.seats.size > 1) band.turns.serve(seat, tasks, account.spec.weight);
  }

  /** The tasks that were handed out of the tenant have cost so much more, or less, than was thought. */
  correct(tenant: Tenant, cost: number): void {
    const { queue } = tenant;
    if (queue.tenants === null) return;
    // Virtual times only grow, so what was too much is for the next time.
    const owed = tenant.pay(Math.max(0, cost));
    if (cost < 0) tenant.credit -= cost;
    if (owed === 0) return;
    queue.tenants.turns.charge(tenant, owed, tenant.weight);
    this.#replaceAll(queue);
  }

  /** Its allowance may have begun or ended, or that of a tenant of it. */
  refresh(queue: QueueState, tenant: Tenant | null = null): void {
    const { tenants, seat } = queue;
    if (tenant !== null && tenants !== null) this.#refreshTenant(queue, tenant);
    const mayTakeTurns = queue.hasStanding && queue.allowance > 0;
    if (mayTakeTurns === queue.isInContest) return;
    queue.isInContest = mayTakeTurns;
    if (mayTakeTurns) {
      seat.turns.enter(queue);
      this.#guarantees.enter(queue);
    } else {
      seat.turns.leave(queue);
      this.#guarantees.leave(queue);
      this.#replaceAll(queue);
    }
    this.#refreshSeat(seat);
  }

  #refreshSeat(seat: Seat): void {
    const { band, turns } = seat;
    if (turns.size > 0 && seat.heapAt < 0) {
      band.turns.join(seat);
      band.turns.enter(seat);
    } else if (turns.size === 0 && seat.heapAt >= 0) band.turns.leave(seat);
    if (band.turns.size > 0 && band.heapAt < 0) this.#order.add(band);
    else if (band.turns.size === 0 && band.heapAt >= 0) this.#order.remove(band);
  }

  /** It was blocked, or had nothing: it begins where the others of its priority are. */
  join(queue: QueueState): void {
    if (!queue.isInContest) queue.seat.turns.join(queue);
  }

  #refreshTenant({ tenants }: QueueState, tenant: Tenant): void {
    const mayTakeTurns = tenant.standing > 0 && tenant.allowance > 0;
    if (tenants === null || mayTakeTurns === tenant.isInContest) return;
    tenant.isInContest = mayTakeTurns;
    if (mayTakeTurns) tenants.turns.enter(tenant);
    else {
      tenants.turns.leave(tenant);
      this.#replaceAll(tenant.queue);
    }
  }

  /** Something that decides its turn has changed; `before`: its settings. The new ones are in force. */
  reorder(queue: QueueState, before: QueueState['settings']): void {
    const { priority, minShare, maxRunningPerTenant } = queue.settings;
    const account = this.accounts.of(queue.settings);
    const isElsewhere = before.priority !== priority || account !== queue.account;
    if (isElsewhere) this.#leaveSeat(queue, priority, account);
    if (before.minShare !== minShare || isElsewhere) {
      // Its turns come sooner perhaps than where its sub-queues have been set aside.
      const back = [...queue.subs()].filter((sub) => sub.at !== 'queue' && sub.at !== null);
      for (const sub of back) {
        if (sub.at !== 'queue' && sub.at !== null) removeFrom(sub.at, sub);
        move(sub, null);
      }
      const strands = [...strandsOf(queue)].map((strand) => ({ strand, key: this.leaveKey(strand) }));
      this.#replaceAll(queue);
      if (before.minShare !== minShare) {
        this.#guarantees.leave(queue);
        this.#guarantees.set(queue, minShare > 0 ? minShare : null);
        if (queue.isInContest) this.#guarantees.enter(queue);
      }
      for (const sub of back) this.#stand(sub);
      for (const { strand, key } of strands) if (key !== null) this.waitAt(strand, key);
    }
    if (maxRunningPerTenant !== null) queue.divide();
    if (queue.tenants !== null && before.maxRunningPerTenant !== maxRunningPerTenant)
      for (const tenant of queue.allTenants()) this.#refreshTenant(queue, tenant);
  }

  #leaveSeat(queue: QueueState, priority: number, account: Account): void {
    const { seat } = queue;
    if (queue.isInContest) {
      queue.isInContest = false;
      seat.turns.leave(queue);
      this.#guarantees.leave(queue);
      this.#refreshSeat(seat);
    }
    const isOther = account !== seat.account;
    if (isOther) for (const sub of queue.subs()) if (sub.pending > 0) seat.account.wants(sub, -1);
    queue.seat = this.seat(priority, account);
    queue.seat.queues.add(queue);
    if (isOther) for (const sub of queue.subs()) if (sub.pending > 0) account.wants(sub, 1);
    this.release(queue, seat);
    this.join(queue);
    this.refresh(queue);
  }

  /** Some worker of the route has room, or none. */
  setOpen(route: Route, isOpen: boolean): void {
    if (route.isOpen === isOpen) return;
    route.isOpen = isOpen;
    this.#ready += isOpen ? route.standing : -route.standing;
    if (isOpen) this.#replaceAllAt(route);
    for (const side of [...route.sides]) {
      side.isOpen = isOpen && side.key.isOpen;
      if (side.isOpen) for (const aside of [...side.asides()]) this.#admit(aside);
    }
  }

  /** If its route has closed it waits there at once, with those that have come back for others, and not when their turn comes. */
  waitAtRoute(sub: SubQueue): void {
    const { route } = sub.workClass;
    if (route.isOpen || route.standing === 0) return;
    if (sub.at === 'queue') this.#setAside(sub, route);
    for (const { candidate } of route.asides()) if (candidate?.at === 'queue') this.#setAside(candidate, route);
  }

  /** The key has room: one of those who wait at each of its sides comes back. */
  openKey(key: Key): void {
    key.isOpen = true;
    for (const side of [...(key.sides?.values() ?? [])]) {
      side.isOpen = side.route.isOpen;
      if (side.isOpen) this.#replaceAllAt(side);
    }
  }

  closeKey(key: Key): void {
    if (!key.isOpen) return;
    key.isOpen = false;
    for (const side of key.sides?.values() ?? []) side.isOpen = false;
  }

  /** The strand waits at the key from now on. */
  waitAt(strand: Strand, key: Key): void {
    this.leaveKey(strand);
    strand.key = key;
    if (key.waiter === null && key.sides === null) {
      key.waiter = strand;
      strand.at = key;
      return;
    }
    const { waiter } = key;
    if (waiter !== null) {
      key.waiter = null;
      waiter.at = sideOf(key, waiter.workClass.route).add(waiter);
    }
    strand.at = sideOf(key, strand.workClass.route).add(strand);
  }

  /** It waits at no key any more. Returns where it did. */
  leaveKey(strand: Strand): Key | null {
    const { at, key } = strand;
    strand.at = null;
    strand.key = null;
    if (at === null || at === 'sub-queue' || key === null) return null;
    if (at === key) key.waiter = null;
    else removeFrom(at as Aside, strand);
    return key;
  }

  /** Nobody takes tasks of the class before the next plan, though somebody has room. */
  closeUntilNextPlan(workClass: WorkClass): void {
    if (!workClass.isOpen) return;
    this.#count(workClass, -workClass.standing);
    workClass.isOpen = false;
    this.#closed.push(workClass);
    this.#replaceOf(workClass, workClass.route);
    for (const aside of [...workClass.standsFor]) this.#replaceAt(aside);
  }

  /** A plan begins. */
  begin(now: number): void {
    this.#now = now;
    this.accounts.begin(now);
    const closed = this.#closed;
    if (closed.length === 0) return;
    this.#closed = [];
    for (const workClass of closed) {
      workClass.isOpen = true;
      this.#count(workClass, workClass.standing);
      this.#replaceAllAt(workClass);
    }
  }

  /** Other workers may run the class from now on. */
  reroute(workClass: WorkClass, route: Route): void {
    const before = workClass.route;
    if (before === route) return;
    if (workClass.isOpen) this.#count(workClass, -workClass.standing);
    before.classes.delete(workClass);
    workClass.route = route;
    route.classes.add(workClass);
    if (workClass.isOpen) this.#count(workClass, workClass.standing);
    for (const sub of workClass.subs) {
      if (sub.at !== 'queue' && sub.at !== null && isAtRoute(sub.at, before)) {
        removeFrom(sub.at, sub);
        this.#stand(sub);
      }
      if (sub.guard !== null) this.#rerouteStrands(sub.guard.strands.values());
    }
    this.#replaceOf(workClass, before);
    for (const aside of [...workClass.standsFor]) this.#replaceAt(aside);
  }

  /** It is of another class from now on. */
  reclass(sub: SubQueue, workClass: WorkClass): void {
    const strands = sub.guard === null ? [] : [...sub.guard.strands.values()];
    const keys = strands.map((strand) => this.leaveKey(strand));
    const { at } = sub;
    this.rest(sub);
    sub.workClass = workClass;
    if (at !== null) this.#stand(sub);
    strands.forEach((strand, index) => {
      const key = keys[index];
      if (key !== undefined && key !== null) this.waitAt(strand, key);
    });
  }

  #rerouteStrands(strands: Iterable<Strand>): void {
    for (const strand of strands) {
      if (strand.key === null || strand.at === strand.key) continue;
      const key = this.leaveKey(strand);
      if (key !== null) this.waitAt(strand, key);
      if (key?.isOpen === true) this.openKey(key);
    }
  }

  #stand(sub: SubQueue): void {
    const { queue, level, workClass } = sub;
    move(sub, 'queue');
    level.enter(sub);
    level.tenant.standing++;
    workClass.standing++;
    if (workClass.isOpen) this.#count(workClass, 1);
    this.refresh(queue, level.tenant);
  }

  #stepDown(sub: SubQueue): void {
    const { queue, level, workClass } = sub;
    level.leave(sub);
    level.tenant.standing--;
    workClass.standing--;
    if (workClass.isOpen) this.#count(workClass, -1);
    this.refresh(queue, level.tenant);
  }

  /** So many more of the class stand before the gate of its workers, all of them before an open one of their own. */
  #count({ route }: WorkClass, more: number): void {
    route.standing += more;
    if (route.isOpen) this.#ready += more;
  }

  #setAside(sub: SubQueue, at: Gate | Key): void {
    this.#stepDown(sub);
    // Not before: sides at which nobody waits or stands for others are forgotten.
    const gate = at instanceof Gate ? at : sideOf(at, sub.workClass.route);
    move(sub, gate.add(sub));
    this.#replace(sub);
    this.#bringNextOldest(sub.level);
  }

  /** The oldest of the level that stands may have come back beside a candidate: behind it waits the next oldest. */
  #bringNextOldest(level: Level): void {
    const { tenant, ages } = level;
    if (ages === null) return;
    for (const aside of tenant.queue.candidacies)
      if (aside.gate.isOpen && aside.candidate?.level.tenant === tenant) this.#bringOldestOf(aside, ages);
  }

  /** It stands for nobody any more: the next one does. */
  #replace(sub: SubQueue): void {
    const { queue, workClass } = sub;
    for (const gate of [workClass.route, workClass]) {
      const aside = gate.find(queue);
      if (aside?.candidate === sub) this.#replaceAt(aside);
    }
    if (sub.guard !== null) for (const aside of [...sub.guard.standsFor]) this.#replaceAt(aside);
  }

  /** The queue was served, or takes no turns for now: others are before its sub-queues perhaps. */
  #replaceAll(queue: QueueState): void {
    if (queue.candidacies.size === 0) return;
    for (const aside of [...queue.candidacies]) this.#replaceAt(aside);
  }

  /** Candidates of the class cannot pass there any more. */
  #replaceOf(workClass: WorkClass, gate: Gate): void {
    for (const aside of gate.asides()) if (aside.candidate?.workClass === workClass) this.#replaceAt(aside);
  }

  #replaceAllAt(gate: Gate): void {
    for (const aside of gate.asides()) this.#replaceAt(aside);
  }

  #replaceAt(aside: Aside): void {
    const { candidate } = aside;
    if (candidate !== null) {
      candidate.queue.candidacies.delete(aside);
      candidate.workClass.standsFor.delete(aside);
      candidate.guard?.standsFor.delete(aside);
      aside.candidate = null;
    }
    this.#admit(aside);
    aside.gate.tidy(aside);
  }

  /** Virtual times only grow, so whoever is first by what was remembered is first, unless that has grown. */
  #admit(aside: Aside): void {
    const { waiting, gate } = aside;
    if (aside.candidate !== null) return;
    for (let waiter = waiting.first; gate.isOpen && waiter !== null; waiter = waiting.first) {
      const { sub } = waiter;
      if (!(waiter === sub ? this.#bringBack(aside, sub) : this.#bringSome(waiter as Strand))) continue;
      // In a queue that is blocked itself it waits for its queue: it cannot stand for others. So with its tenant.
      if (!isInContest(sub)) continue;
      if (gate instanceof Side) {
        // Others who come to wait here find the gate closed: it is opened anew for them.
        if (waiting.size === 0) return;
        sub.guard?.standsFor.add(aside);
        sub.workClass.standsFor.add(aside);
      }
      const { queue, level } = sub;
      aside.candidate = sub;
      queue.candidacies.add(aside);
      if (level.tenant.levels.length > 1) this.#bringOldest(aside, level.tenant);
      return;
    }
  }

  /** Whichever level of the tenant has an overdue task: it is not behind what waits here. */
  #bringOldest(aside: Aside, { levels }: Tenant): void {
    for (const { ages } of levels) if (ages !== null) this.#bringOldestOf(aside, ages);
  }

  #bringOldestOf(aside: Aside, ages: Ages): void {
    for (let age = ages.oldest(aside); age !== null; age = ages.oldest(aside))
      if (this.#bringBack(aside, age.sub)) return;
  }

  /**
   * Tasks of the strand go back to the line of its sub-queue, and the rest of it waits on. False: they cannot go out now.
   * Then the rest waits with the sub-queue, so that those behind it at this gate have their turn.
   */
  #bringSome(strand: Strand): boolean {
    const { sub, key } = strand;
    this.leaveKey(strand);
    const before = strand.count;
    this.#guards.giveBack(strand);
    const stands = strand.count < before && sub.at === 'queue' && sub.workClass.isOpen && isInContest(sub);
    if (strand.count === 0 || strand.at !== null) return stands;
    if (stands && key !== null) this.waitAt(strand, key);
    else {
      strand.at = 'sub-queue';
      sub.guard?.loose.push(strand);
    }
    return stands;
  }

  /** False: it meets the closed gate of its class, and waits there. */
  #bringBack(aside: Aside, sub: SubQueue): boolean {
    const { workClass } = sub;
    aside.waiting.remove(sub);
    if (workClass.isOpen) {
      this.#stand(sub);
      return true;
    }
    move(sub, workClass.add(sub));
    return false;
  }
}

/** It waits elsewhere from now on. */
function move(sub: SubQueue, to: SubQueue['at']): void {
  sub.level.ages?.move(sub, sub.at, to);
  sub.at = to;
}

function removeFrom(aside: Aside, waiter: Waiter): void {
  aside.waiting.remove(waiter);
  aside.gate.tidy(aside);
}

const isInContest = ({ queue, level }: SubQueue): boolean =>
  queue.isInContest && (queue.tenants === null || level.tenant.isInContest);

function sideOf(key: Key, route: Route): Side {
  const sides = (key.sides ??= new Map<Route, Side>());
  let side = sides.get(route);
  if (side === undefined) {
    side = new Side(key, route);
    side.isOpen = key.isOpen && route.isOpen;
    sides.set(route, side);
    route.sides.add(side);
  }
  return side;
}

const isAtRoute = ({ gate }: Aside, route: Route): boolean =>
  gate === route || (gate instanceof Side && gate.route === route);

function* strandsOf(queue: QueueState): Generator<Strand> {
  for (const { guard } of queue.subs()) if (guard !== null) yield* guard.strands.values();
}

import type { QueueState, SubQueue, WorkClass } from './classes.js';
import { Heap, type HeapItem } from './collections.js';
import type { Route } from './routes.js';

/** Whoever takes turns: served by virtual time, in tasks divided by weight. */
export interface Share extends HeapItem {
  served: number;
  /** When it was served last, as a count of servings; breaks ties. */
  turn: number;
}

/** In tasks of weight 1. */
export const MAX_BEHIND = 10_000;

/**
 * One level of the contest, weighted fair sharing by virtual time: whoever has been served least for its weight is next.
 * Shares are of tasks. A member that was blocked for long (paused, nobody may run what it has) does not get everything
 * when it comes back: it counts as behind by `MAX_BEHIND` at most.
 */
export class Turns<Member extends Share> {
  readonly #waiting = new Heap<Member>(isBefore);
  #turn = 0;
  /** The most that anybody has been served. */
  #front = 0;
  /** What the last one served had been served before. */
  #now = 0;

  /** Whose turn it is. */
  get first(): Member | null {
    return this.#waiting.first;
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(member: Member): void {
    this.#waiting.add(member);
  }

  leave(member: Member): void {
    this.#waiting.remove(member);
  }

  /** A member that had nothing to be served with begins where the others are. It must not have entered. */
  join(member: Member): void {
    member.served = Math.max(member.served, this.#now);
  }

  /** Also for a member that has not entered. */
  serve(member: Member, tasks: number, weight: number): void {
    this.#now = Math.max(member.served, this.#front - MAX_BEHIND);
    member.served = this.#now + tasks / weight;
    member.turn = ++this.#turn;
    this.#front = Math.max(this.#front, member.served);
    this.#waiting.moved(member);
  }
}

const isBefore = (a: Share, b: Share): boolean => a.served < b.served || (a.served === b.served && a.turn < b.turn);

/** The queues of one priority. */
export class Band implements HeapItem {
  readonly priority: number;
  readonly turns = new Turns<QueueState>();
  /** Queues that there are of this priority, whether they wait or not. */
  queues = 0;
  heapAt = -1;

  constructor(priority: number) {
    this.priority = priority;
  }
}

/**
 * What may stop a sub-queue whose turn has come. Those that meet it closed wait at it, out of the contest, and cost
 * nothing. When it opens one of them comes back, the one whose turn would be first; it stands for the others, and the
 * next one comes when its queue was served. So opening costs O(log n), however many wait.
 */
export class Gate {
  isOpen = true;
  readonly waiting = new Heap<SubQueue>(isBeforeAside);
  /** The one that came back for the others. */
  candidate: SubQueue | null = null;
  /** Sub-queues that take turns now and would pass here. */
  standing = 0;
}

function isBeforeAside({ asideAs: a }: SubQueue, { asideAs: b }: SubQueue): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.queueServed !== b.queueServed) return a.queueServed < b.queueServed;
  if (a.queueTurn !== b.queueTurn) return a.queueTurn < b.queueTurn;
  return a.served < b.served || (a.served === b.served && a.turn < b.turn);
}

/**
 * Whose turn it is: a tree of heaps, priority, queue, class. The protocol is in the README, "The contest".
 */
export class Contest {
  readonly #bands = new Map<number, Band>();
  readonly #order = new Heap<Band>((a, b) => a.priority > b.priority);
  /** Classes that are closed until the next plan. */
  #closed: WorkClass[] = [];
  /** Sub-queues that take turns, and whose gates are open. Above 0: somebody may be next. */
  #ready = 0;

  /** Priorities that some queue has. */
  get size(): number {
    return this.#bands.size;
  }

  /** The band of a new queue, or the new one of a queue. */
  band(priority: number): Band {
    let band = this.#bands.get(priority);
    if (band === undefined) {
      band = new Band(priority);
      this.#bands.set(priority, band);
    }
    band.queues++;
    return band;
  }

  /** A queue of the band is forgotten, or goes to another band. */
  release(band: Band): void {
    if (--band.queues === 0) this.#bands.delete(band.priority);
  }

  /** The next sub-queue that can be served, or null. Those that meet a closed gate are set aside on the way. */
  first(): SubQueue | null {
    while (this.#ready > 0) {
      const sub = this.#order.first?.turns.first?.turns.first ?? null;
      if (sub === null) return null;
      const { workClass } = sub;
      if (!workClass.route.isOpen) this.#setAside(sub, workClass.route);
      else if (!workClass.isOpen) this.#setAside(sub, workClass);
      else return sub;
    }
    return null;
  }

  /** It has pending tasks, which it had not. */
  enter(sub: SubQueue): void {
    sub.queue.turns.join(sub);
    this.#stand(sub);
  }

  /** Nothing of it is pending any more. */
  leave(sub: SubQueue): void {
    if (sub.at === 'queue') this.#stepDown(sub);
    else sub.at?.waiting.remove(sub);
    sub.at = null;
    this.#replace(sub);
  }

  /** So many of its tasks were handed out. */
  serve(sub: SubQueue, tasks: number): void {
    const { queue } = sub;
    queue.band.turns.serve(queue, tasks, queue.settings.weight);
    queue.turns.serve(sub, tasks, 1);
    this.#replaceAll(queue);
  }

  /** Its allowance may have begun or ended. */
  refresh(queue: QueueState): void {
    const { band } = queue;
    const mayTakeTurns = queue.turns.size > 0 && queue.allowance > 0;
    if (mayTakeTurns === queue.isInContest) return;
    queue.isInContest = mayTakeTurns;
    if (mayTakeTurns) band.turns.enter(queue);
    else {
      band.turns.leave(queue);
      this.#replaceAll(queue);
    }
    if (band.turns.size > 0 && band.heapAt < 0) this.#order.add(band);
    else if (band.turns.size === 0 && band.heapAt >= 0) this.#order.remove(band);
  }

  /** It was blocked, or had nothing: it begins where the others of its priority are. */
  join(queue: QueueState): void {
    if (!queue.isInContest) queue.band.turns.join(queue);
  }

  setPriority(queue: QueueState, priority: number): void {
    const { band } = queue;
    if (queue.isInContest) {
      queue.isInContest = false;
      band.turns.leave(queue);
      if (band.turns.size === 0) this.#order.remove(band);
    }
    queue.band = this.band(priority);
    this.release(band);
    this.join(queue);
    this.refresh(queue);
    this.#replaceAll(queue);
    // Its turns come sooner perhaps than where its sub-queues have been set aside.
    for (const sub of queue.subs.values())
      if (sub.at !== 'queue' && sub.at !== null) {
        sub.at.waiting.remove(sub);
        this.#stand(sub);
      }
  }

  /** Some worker of the route has room, or none. */
  setOpen(route: Route, isOpen: boolean): void {
    if (route.isOpen === isOpen) return;
    route.isOpen = isOpen;
    this.#ready += isOpen ? route.standing : -route.standing;
    if (isOpen) this.#replaceAt(route);
  }

  /** Nobody takes tasks of the class before the next plan, though somebody has room. */
  closeUntilNextPlan(workClass: WorkClass): void {
    if (!workClass.isOpen) return;
    this.#count(workClass, -workClass.standing);
    workClass.isOpen = false;
    this.#closed.push(workClass);
    if (workClass.route.candidate?.workClass === workClass) this.#replaceAt(workClass.route);
  }

  /** A plan begins. */
  openClosed(): void {
    const closed = this.#closed;
    if (closed.length === 0) return;
    this.#closed = [];
    for (const workClass of closed) {
      workClass.isOpen = true;
      this.#count(workClass, workClass.standing);
      this.#replaceAt(workClass);
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
    for (const sub of workClass.subs)
      if (sub.at === before) {
        before.waiting.remove(sub);
        this.#stand(sub);
      }
    if (before.candidate?.workClass === workClass) this.#replaceAt(before);
  }

  #stand(sub: SubQueue): void {
    const { queue, workClass } = sub;
    sub.at = 'queue';
    queue.turns.enter(sub);
    workClass.standing++;
    if (workClass.isOpen) this.#count(workClass, 1);
    this.refresh(queue);
  }

  #stepDown(sub: SubQueue): void {
    const { queue, workClass } = sub;
    queue.turns.leave(sub);
    workClass.standing--;
    if (workClass.isOpen) this.#count(workClass, -1);
    this.refresh(queue);
  }

  /** So many more of the class stand before the gate of its workers, all of them before an open one of their own. */
  #count({ route }: WorkClass, more: number): void {
    route.standing += more;
    if (route.isOpen) this.#ready += more;
  }

  #setAside(sub: SubQueue, gate: Gate): void {
    this.#stepDown(sub);
    sub.at = gate;
    remember(sub);
    gate.waiting.add(sub);
    this.#replace(sub);
  }

  /** It stands for nobody any more: the next one does. */
  #replace(sub: SubQueue): void {
    const { workClass } = sub;
    for (const gate of [workClass.route, workClass]) if (gate.candidate === sub) this.#replaceAt(gate);
  }

  /** The queue was served, or takes no turns for now: others are before its sub-queues perhaps. */
  #replaceAll(queue: QueueState): void {
    if (queue.candidacies.size === 0) return;
    for (const gate of [...queue.candidacies]) this.#replaceAt(gate);
  }

  #replaceAt(gate: Gate): void {
    gate.candidate?.queue.candidacies.delete(gate);
    gate.candidate = null;
    this.#admit(gate);
  }

  /** Virtual times only grow, so whoever is first by what was remembered is first, unless that has grown. */
  #admit(gate: Gate): void {
    if (!gate.isOpen || gate.candidate !== null) return;
    const { waiting } = gate;
    for (let sub = waiting.first; sub !== null; sub = waiting.first) {
      if (!isRemembered(sub)) {
        remember(sub);
        waiting.moved(sub);
        continue;
      }
      waiting.remove(sub);
      const { workClass } = sub;
      if (!workClass.isOpen) {
        sub.at = workClass;
        workClass.waiting.add(sub);
        continue;
      }
      this.#stand(sub);
      // In a queue that is blocked itself it waits for its queue: it cannot stand for others.
      if (!sub.queue.isInContest) continue;
      gate.candidate = sub;
      sub.queue.candidacies.add(gate);
      return;
    }
  }
}

function remember(sub: SubQueue): void {
  const { queue, served, turn } = sub;
  sub.asideAs = {
    priority: queue.settings.priority,
    queueServed: queue.served,
    queueTurn: queue.turn,
    served,
    turn,
  };
}

function isRemembered({ asideAs, queue, served, turn }: SubQueue): boolean {
  return (
    asideAs.queueServed === queue.served &&
    asideAs.queueTurn === queue.turn &&
    asideAs.served === served &&
    asideAs.turn === turn &&
    asideAs.priority === queue.settings.priority
  );
}

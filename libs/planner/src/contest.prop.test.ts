import { DEFAULT_QUEUE_SETTINGS, DEFAULT_TASK_OPTIONS } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { STANDARD_ACCOUNT } from './accounts.js';
import { Guard } from './guards.js';
import { ClassTable, type WorkClass } from './classes.js';
import { Contest } from './contest.js';
import { QueueState } from './queue-state.js';
import { LimitBook, type LimitKey } from './limits.js';
import { Route } from './routes.js';
import { Sequences } from './sequences.js';
import type { SubQueue } from './sub-queue.js';
import { TaskPool } from './task-list.js';
import { BatchState, PLACE, type Run } from './tasks.js';
import type { Tenant } from './tenants.js';
import { MAX_BEHIND, Turns, type Share } from './turns.js';

const QUEUES = 4;
/** Classes: of each other one the type is that of the one before, and its tasks need something. */
const CLASSES = 4;
const TENANTS = ['', 'a', 'b'];
const PRIORITIES = [0, 0, 2, -1];
const ACCOUNTS = ['default', 'a', 'b'];
const TOTAL = 10;
const AGING_MS = 10;
/** Small, so that hand-outs leave it. */
const WINDOW = 20;

const step = <Name extends string, Fields extends object>(
  does: Name,
  weight: number,
  fields: fc.Arbitrary<Fields>,
) => ({
  weight,
  arbitrary: fields.map((each): { does: Name } & Fields => ({ does, ...each })),
});

const queue = fc.nat(QUEUES - 1);
const type = fc.nat(CLASSES - 1);
const route = fc.nat(1);
const any = fc.nat(1_000);

/** `plain`: nobody names a tenant or a priority, as in most systems. */
const stepsOf = (plain: boolean) => {
  const tenant = plain ? fc.constant('') : fc.constantFrom(...TENANTS);
  const priority = plain ? fc.constant(0) : fc.constantFrom(...PRIORITIES);
  const more = plain
    ? { maxRunningPerTenant: fc.constant(null), minShare: fc.constant(0), account: fc.constant('default') }
    : {
        maxRunningPerTenant: fc.option(fc.nat(3), { freq: 2 }),
        minShare: fc.constantFrom(0, 0, 0.2, 0.5),
        account: fc.constantFrom(...ACCOUNTS),
      };
  return fc.array(
    fc.oneof(
      step('pend', 5, fc.record({ queue, type, tenant, priority })),
      step('serve', 8, fc.record({ tasks: fc.integer({ min: 1, max: 3 }), cost: fc.integer({ min: 1, max: 5 }) })),
      step('end', 1, fc.record({ queue, any })),
      step('cancel', 1, fc.record({ queue, any })),
      step('again', 1, fc.record({ queue, any })),
      step('route', 2, fc.record({ route, isOpen: fc.boolean() })),
      step('reroute', 1, fc.record({ type, route })),
      step('key', 2, fc.record({ any, isOpen: fc.boolean() })),
      step('close', 1, fc.record({ type })),
      step('plan', 1, fc.record({ ms: fc.nat(2 * AGING_MS) })),
      step('hold', 3, fc.record({ account: fc.constantFrom(...ACCOUNTS), amount: fc.nat(TOTAL) })),
      step('correct', 1, fc.record({ queue, any, cost: fc.integer({ min: -6, max: 6 }) })),
      step(
        'configure',
        1,
        fc.record({
          queue,
          paused: fc.boolean(),
          priority: fc.nat(1),
          weight: fc.integer({ min: 1, max: 3 }),
          tenants: fc.record({ a: fc.integer({ min: 1, max: 3 }) }),
          maxRunning: fc.option(fc.nat(3)),
          ...more,
        }),
      ),
    ),
    { minLength: 1, maxLength: 200, size: 'max' },
  );
};
type AnyStep = (ReturnType<typeof stepsOf> extends fc.Arbitrary<infer Steps> ? Steps : never) extends (infer Step)[]
  ? Step
  : never;

interface Told {
  readonly batch: BatchState;
  readonly since: number;
}

/** A contest, and whoever would be first if everything were looked at each time. */
class Arena {
  readonly contest: Contest;
  readonly routes = [new Route(), new Route()];
  readonly classes: WorkClass[];
  /** One limit for every task of the second type, another one per tenant for all of the first queue. */
  readonly book = new LimitBook();
  readonly #keys = new Set<LimitKey>();
  readonly queues: QueueState[];
  readonly #isAging: boolean;
  #now = 0;
  /** Batches of one task each, by sub-queue: those that wait, in their order, and those that are out. */
  readonly #waiting = new Map<SubQueue, Told[]>();
  readonly #out = new Map<QueueState, { sub: SubQueue; told: Told }[]>();
  /** The account of what the contest counts for itself. */
  readonly #owed = new Map<Tenant, number>();
  readonly #last: QueueState[] = [];
  #batches = 0;

  constructor(isAging: boolean) {
    this.#isAging = isAging;
    this.contest = new Contest(isAging ? AGING_MS : null, WINDOW, {
      stop: ({ guard }) => guard?.closed ?? null,
      giveBack: () => undefined,
      passed: () => undefined,
    });
    this.contest.hasRead();
    const { accounts } = this.contest;
    accounts.totals.set('worker', { slots: TOTAL });
    accounts.declare('a', { ...STANDARD_ACCOUNT, weight: 2 });
    accounts.declare('b', { ...STANDARD_ACCOUNT, guarantee: { slots: 3 } });
    accounts.find('b')?.countWaiting([]);
    const one = { concurrency: 1, rate: null };
    this.book.declare('type', { ...one, on: { type: 't1' }, per: 'all' });
    this.book.declare('queue', { ...one, on: { queue: 'q0' }, per: 'tenant' });
    const table = new ClassTable();
    this.classes = Array.from({ length: CLASSES }, (_, n) =>
      table.intern(
        {
          type: `t${Math.floor(n / 2)}`,
          needs: n % 2 === 0 ? [] : ['f'],
          limits: [],
          isSequenced: false,
          pin: null,
          placement: null,
        },
        () => this.routes[n % 2] as Route,
      ),
    );
    this.queues = Array.from({ length: QUEUES }, (_, n) => new QueueState(`q${n}`, this.contest));
  }

  step(step: AnyStep): void {
    const { contest } = this;
    switch (step.does) {
      case 'pend':
        this.#pend(this.#queue(step.queue).sub(this.#class(step.type), step.tenant, step.priority));
        break;
      case 'serve':
        this.#serve(step.tasks, step.cost);
        break;
      case 'end':
        this.#takeOut(step.queue, step.any);
        break;
      case 'cancel':
        this.#cancel(this.#queue(step.queue), step.any);
        break;
      case 'again':
        this.#comeBack(step.queue, step.any);
        break;
      case 'route':
        contest.setOpen(this.#route(step.route), step.isOpen);
        break;
      case 'reroute':
        contest.reroute(this.#class(step.type), this.#route(step.route));
        break;
      case 'key': {
        const keys = [...this.#keys];
        const key = keys[step.any % keys.length];
        if (key === undefined) break;
        key.out = step.isOpen ? 0 : 1;
        if (step.isOpen) contest.openKey(key);
        else contest.closeKey(key);
        break;
      }
      case 'close':
        contest.closeUntilNextPlan(this.#class(step.type));
        break;
      case 'plan':
        this.#now += step.ms;
        contest.begin(this.#now);
        break;
      case 'hold': {
        const account = contest.accounts.named(step.account);
        account.claim({ slots: 1 }, step.amount - account.heldOf('slots'));
        account.refresh();
        break;
      }
      case 'correct': {
        const tenants = [...this.#queue(step.queue).allTenants()];
        const tenant = tenants[step.any % tenants.length];
        if (tenant !== undefined) contest.correct(tenant, step.cost);
        break;
      }
      case 'configure': {
        const { does: _does, queue: at, ...settings } = step;
        const configured = this.#queue(at);
        const before = configured.settings;
        configured.settings = { ...DEFAULT_QUEUE_SETTINGS, ...settings };
        if (before.minShare !== settings.minShare) this.#forgetShares(configured);
        contest.reorder(configured, before);
        contest.refresh(configured);
        break;
      }
    }
  }

  #pend(sub: SubQueue): void {
    const group = { ...DEFAULT_TASK_OPTIONS, type: 't', count: 1 };
    for (let n = 0; n < 2; n++) {
      const batch = new BatchState({
        id: `B${this.#batches++}`,
        queue: '',
        groups: [group],
        submittedAt: this.#now,
        bytes: 0,
      });
      const run: Run = { batch, sub, from: 0, to: 1, next: 0, waiting: 1, due: true };
      sub.pushRun(run);
      this.#waitingOf(sub).push({ batch, since: this.#now });
    }
    this.#enter(sub, 2);
  }

  /** Told now and then only, as a planner is: a key may be full before the contest knows. */
  #guard(sub: SubQueue): void {
    const limits = this.book.forTasks([], sub.queue.name, sub.workClass.type);
    if (sub.guard !== null || limits.length === 0) return;
    const pool = new TaskPool();
    sub.guard = new Guard(sub, limits, { book: this.book, sequences: new Sequences(pool), pool });
    for (const key of sub.guard.common) this.#keys.add(key);
  }

  #enter(sub: SubQueue, tasks: number): void {
    this.#guard(sub);
    if ([...sub.queue.subs()].every(({ pending }) => pending === 0)) this.contest.join(sub.queue);
    sub.pending += tasks;
    if (sub.pending === tasks) this.contest.enter(sub);
  }

  #serve(most: number, cost: number): void {
    const { contest } = this;
    const sub = contest.first();
    if (sub === null) return;
    const { queue, level } = sub;
    const isOutOfOrder = this.#openSubs().some(
      (other) => other.level.tenant === level.tenant && other.level.priority > level.priority,
    );
    let served = 0;
    for (; served < Math.min(most, sub.allowance); served++) {
      const slice = sub.take(1);
      if (slice === null) break;
      slice.batch.touch().setPlace(0, PLACE.out);
      const waiting = this.#waitingOf(sub);
      const at = waiting.findIndex(({ batch }) => batch === slice.batch);
      const [told] = waiting.splice(at, 1);
      if (told !== undefined) this.#outOf(queue).push({ sub, told });
    }
    sub.pending -= served;
    queue.out += served;
    level.tenant.out += served;
    if (sub.pending === 0) {
      sub.clear();
      contest.leave(sub);
    }
    contest.refresh(queue, level.tenant);
    contest.serve(sub, served, cost);
    const owed = this.#owed.get(level.tenant) ?? 0;
    this.#owed.set(level.tenant, isOutOfOrder ? owed + served : Math.max(0, owed - served));
    if (this.queues.some(({ settings }) => settings.minShare > 0))
      this.#last.push(...Array<QueueState>(served).fill(queue));
    this.#last.splice(0, Math.max(0, this.#last.length - WINDOW));
  }

  #takeOut(at: number, any: number): { sub: SubQueue; told: Told } | null {
    const queue = this.#queue(at);
    const out = this.#outOf(queue);
    const [ended] = out.splice(out.length === 0 ? 0 : any % out.length, 1);
    if (ended === undefined) return null;
    queue.out--;
    ended.sub.level.tenant.out--;
    this.contest.refresh(queue, ended.sub.level.tenant);
    return ended;
  }

  #comeBack(at: number, any: number): void {
    const back = this.#takeOut(at, any);
    if (back === null) return;
    const { sub, told } = back;
    told.batch.touch().setPlace(0, PLACE.again);
    sub.pushAgain({ batch: told.batch, from: 0, to: 1 });
    const waiting = this.#waitingOf(sub);
    const fresh = waiting.findIndex(({ batch }) => batch.place(0) === PLACE.fresh);
    waiting.splice(fresh < 0 ? waiting.length : fresh, 0, told);
    this.#enter(sub, 1);
    this.contest.aged(sub);
  }

  #cancel(queue: QueueState, any: number): void {
    const subs = [...queue.subs()].filter(({ pending }) => pending > 0);
    const sub = subs[any % subs.length];
    if (sub === undefined) return;
    const waiting = this.#waitingOf(sub);
    const [told] = waiting.splice(any % waiting.length, 1);
    sub.pending--;
    if (sub.pending === 0) {
      sub.clear();
      this.contest.leave(sub);
    }
    told?.batch.touch().setPlace(0, PLACE.cancelled);
  }

  #forgetShares(queue: QueueState): void {
    if (this.queues.every(({ settings }) => settings.minShare === 0)) this.#last.length = 0;
    // Tasks that were handed out before count for the others only.
    for (const [at, other] of this.#last.entries()) if (other === queue) this.#last[at] = NOBODY;
  }

  #openSubs(): SubQueue[] {
    return this.queues
      .flatMap((each) => [...each.subs()])
      .filter(
        ({ pending, workClass, allowance, guard }) =>
          (guard?.closed ?? null) === null &&
          pending > 0 &&
          allowance > 0 &&
          workClass.isOpen &&
          workClass.route.isOpen,
      );
  }

  /** Those that nobody is before; looks at everything. */
  firstOfAll(): SubQueue[] {
    const open = this.#openSubs();
    const queues = this.#firstQueues([...new Set(open.map((sub) => sub.queue))]);
    return queues.flatMap((each) => {
      const ofQueue = open.filter((sub) => sub.queue === each);
      const tenants = [...new Set(ofQueue.map(({ level }) => level.tenant))];
      const first = tenants.filter((tenant) => tenants.every((other) => before(other, tenant) >= 0));
      return first.flatMap((tenant) => this.#firstOfTenant(ofQueue.filter(({ level }) => level.tenant === tenant)));
    });
  }

  #firstQueues(queues: QueueState[]): QueueState[] {
    const recent = (each: QueueState): number => this.#last.filter((last) => last === each).length;
    const lacking = queues.filter(
      (each) => each.settings.minShare > 0 && recent(each) < each.settings.minShare * this.#last.length,
    );
    if (lacking.length > 0) {
      const lacks = (a: QueueState, b: QueueState): boolean =>
        recent(a) * b.settings.minShare < recent(b) * a.settings.minShare;
      return lacking.filter((each) => !lacking.some((other) => lacks(other, each)));
    }
    return queues.filter((each) => !queues.some((other) => isServedBefore(other, each)));
  }

  #firstOfTenant(open: SubQueue[]): SubQueue[] {
    const top = Math.max(...open.map(({ level }) => level.priority));
    const [some] = open;
    if (this.#isAging && some !== undefined && (this.#owed.get(some.level.tenant) ?? 0) === 0) {
      const overdue = open
        .filter(({ level }) => level.priority < top)
        .map((sub) => {
          const since = this.#waitingOf(sub)[0]?.since ?? Infinity;
          return { sub, at: since + (top - sub.level.priority) * AGING_MS };
        })
        .filter(({ at }) => at <= this.#now);
      const longest = Math.min(...overdue.map(({ at }) => at));
      if (overdue.length > 0) return overdue.filter(({ at }) => at === longest).map(({ sub }) => sub);
    }
    const highest = open.filter(({ level }) => level.priority === top);
    return highest.filter((sub) => highest.every((other) => before(other, sub) >= 0));
  }

  #waitingOf(sub: SubQueue): Told[] {
    const known = this.#waiting.get(sub) ?? [];
    this.#waiting.set(sub, known);
    return known;
  }
  #outOf(queue: QueueState): { sub: SubQueue; told: Told }[] {
    const known = this.#out.get(queue) ?? [];
    this.#out.set(queue, known);
    return known;
  }
  #queue(at: number): QueueState {
    return this.queues[at] as QueueState;
  }
  #class(at: number): WorkClass {
    return this.classes[at] as WorkClass;
  }
  #route(at: number): Route {
    return this.routes[at] as Route;
  }
}

const NOBODY = new QueueState('nobody', new Contest(null));
const before = (a: Share, b: Share): number => a.served - b.served || a.turn - b.turn || a.number - b.number;

/** An account that is guaranteed more than it holds, then the least for its weight, then the least served. */
function isServedBefore(a: QueueState, b: QueueState): boolean {
  if (a.settings.priority !== b.settings.priority) return a.settings.priority > b.settings.priority;
  if (a.account === b.account) return before(a, b) < 0;
  const [belowA, belowB] = [isBelow(a), isBelow(b)];
  if (belowA !== belowB) return belowA;
  const [shareA, shareB] = [a, b].map(({ account }) => account.heldOf('slots') / TOTAL / account.spec.weight);
  return shareA === shareB ? before(a.seat, b.seat) < 0 : (shareA ?? 0) < (shareB ?? 0);
}

const isBelow = ({ account }: QueueState): boolean => account.heldOf('slots') < (account.spec.guarantee.slots ?? 0);

const nameOf = ({ queue: of, workClass, level }: SubQueue): string =>
  `${of.name} ${level.tenant.name}/${level.priority} ${workClass.key}`;

/** The oldest that came back to its level meets another closed key: the next oldest waits behind a candidate. */
const OLDEST_IS_STOPPED: AnyStep[] = [
  { does: 'pend', queue: 0, type: 0, tenant: '', priority: 0 },
  { does: 'pend', queue: 0, type: 2, tenant: '', priority: 0 },
  { does: 'pend', queue: 0, type: 0, tenant: 'b', priority: -1 },
  { does: 'route', route: 1, isOpen: true },
  { does: 'pend', queue: 0, type: 2, tenant: 'b', priority: -1 },
  { does: 'key', any: 497, isOpen: false },
  { does: 'pend', queue: 1, type: 3, tenant: '', priority: 0 },
  { does: 'plan', ms: 10 },
  { does: 'route', route: 0, isOpen: true },
  { does: 'pend', queue: 0, type: 0, tenant: 'b', priority: 0 },
  { does: 'route', route: 1, isOpen: false },
  { does: 'serve', tasks: 1, cost: 1 },
  { does: 'key', any: 482, isOpen: true },
  { does: 'key', any: 358, isOpen: false },
];

for (const [what, plain, isAging] of [
  ['plain tasks', true, true],
  ['tenants, priorities that age, limits and minimum shares', false, true],
  ['tenants and strict priorities', false, false],
] as const)
  testProp(
    `whoever is first in the contest is who would be first if everything were looked at: ${what}`,
    [stepsOf(plain)],
    (t, steps) => {
      const arena = new Arena(isAging);
      for (const each of steps) {
        arena.step(each);
        const found = arena.contest.first();
        const expected = arena.firstOfAll();
        const isSame = found === null ? expected.length === 0 : expected.includes(found);
        const said = found === null ? 'nobody' : nameOf(found);
        if (!isSame) t.fail(`${said}, expected ${expected.map(nameOf).join(' or ')}, after ${JSON.stringify(each)}`);
      }
      t.pass();
    },
    { numRuns: 500, examples: [[OLDEST_IS_STOPPED]] },
  );

interface Member extends Share {
  weight: number;
}
const member = (weight: number): Member => ({ served: 0, turn: 0, number: 0, heapAt: -1, weight });

testProp(
  'members that always have something are served by weight, within one serving',
  [fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 20 })],
  (t, weights, most) => {
    const turns = new Turns<Member>();
    const members = weights.map(member);
    const given = new Map(members.map((each) => [each, 0]));
    for (const each of members) turns.enter(each);
    for (let n = 0; n < 2_000; n++) {
      const { first } = turns;
      if (first === null) return t.fail();
      const tasks = 1 + (n % most);
      turns.serve(first, tasks, first.weight);
      given.set(first, (given.get(first) ?? 0) + tasks);
    }
    const shares = members.map((each) => (given.get(each) ?? 0) / each.weight);
    t.true(Math.max(...shares) - Math.min(...shares) <= most, String(shares));
  },
);

test('one that was blocked for long is behind by so much at most when it comes back', (t) => {
  const turns = new Turns<Member>();
  const [blocked, other] = [member(1), member(1)];
  turns.enter(other);
  for (let n = 0; n < 10; n++) turns.serve(other, MAX_BEHIND, 1);
  turns.enter(blocked);
  let alone = 0;
  while (turns.first === blocked) {
    turns.serve(blocked, 1, 1);
    alone++;
  }
  t.true(alone <= MAX_BEHIND + 1 && alone >= MAX_BEHIND, String(alone));
});

test('one that had nothing begins where the others are', (t) => {
  const turns = new Turns<Member>();
  const [early, late] = [member(1), member(1)];
  turns.enter(early);
  for (let n = 0; n < 100; n++) turns.serve(early, 1, 1);
  turns.join(late);
  turns.enter(late);
  const order: Member[] = [];
  for (let n = 0; n < 10; n++) {
    const { first } = turns;
    if (first === null) return t.fail();
    order.push(first);
    turns.serve(first, 1, 1);
  }
  t.true(Math.abs(order.filter((each) => each === late).length - 5) <= 1);
});

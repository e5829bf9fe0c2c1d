import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { ClassTable, QueueState, type SubQueue, type WorkClass } from './classes.js';
import { Contest, MAX_BEHIND, Turns, type Share } from './contest.js';
import { Route } from './routes.js';

const QUEUES = 4;
/** Classes: of each other one the type is that of the one before, and its tasks need something. */
const CLASSES = 4;

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('pend' as const), queue: fc.nat(QUEUES - 1), type: fc.nat(CLASSES - 1) }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('serve' as const), tasks: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('end' as const), queue: fc.nat(QUEUES - 1) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('route' as const), route: fc.nat(1), isOpen: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('reroute' as const), type: fc.nat(CLASSES - 1), route: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('close' as const), type: fc.nat(CLASSES - 1) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('plan' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('configure' as const),
      queue: fc.nat(QUEUES - 1),
      paused: fc.boolean(),
      priority: fc.nat(1),
      weight: fc.integer({ min: 1, max: 3 }),
      maxRunning: fc.option(fc.nat(3)),
    }),
  },
);
type AnyStep = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** A contest, and whoever would be first if everything were looked at each time. */
class Arena {
  readonly contest = new Contest();
  readonly routes = [new Route(), new Route()];
  readonly classes: WorkClass[];
  readonly queues: QueueState[];

  constructor() {
    const table = new ClassTable();
    this.classes = Array.from({ length: CLASSES }, (_, n) =>
      table.intern(
        { type: `t${Math.floor(n / 2)}`, needs: n % 2 === 0 ? [] : ['f'] },
        () => this.routes[n % 2] as Route,
      ),
    );
    this.queues = Array.from({ length: QUEUES }, (_, n) => new QueueState(`q${n}`, this.contest));
  }

  step(step: AnyStep): void {
    const { contest } = this;
    switch (step.does) {
      case 'pend': {
        const sub = this.#queue(step.queue).sub(this.#class(step.type));
        if (sub.pending === 0) contest.join(sub.queue);
        sub.pending += 2;
        if (sub.pending === 2) contest.enter(sub);
        break;
      }
      case 'serve': {
        const sub = contest.first();
        if (sub === null) break;
        const tasks = Math.min(step.tasks, sub.pending);
        sub.pending -= tasks;
        sub.queue.out += tasks;
        if (sub.pending === 0) contest.leave(sub);
        contest.refresh(sub.queue);
        contest.serve(sub, tasks);
        break;
      }
      case 'end': {
        const queue = this.#queue(step.queue);
        queue.out = Math.max(0, queue.out - 1);
        contest.refresh(queue);
        break;
      }
      case 'route':
        contest.setOpen(this.#route(step.route), step.isOpen);
        break;
      case 'reroute':
        contest.reroute(this.#class(step.type), this.#route(step.route));
        break;
      case 'close':
        contest.closeUntilNextPlan(this.#class(step.type));
        break;
      case 'plan':
        contest.openClosed();
        break;
      case 'configure': {
        const { paused, priority, weight, maxRunning } = step;
        const queue = this.#queue(step.queue);
        const before = queue.settings.priority;
        queue.settings = { ...queue.settings, paused, priority, weight, maxRunning };
        if (before !== priority) contest.setPriority(queue, priority);
        contest.refresh(queue);
        break;
      }
    }
  }

  /** Those that nobody is before; looks at everything. */
  firstOfAll(): SubQueue[] {
    const open = this.queues
      .filter(({ allowance }) => allowance > 0)
      .flatMap(({ subs }) => [...subs.values()])
      .filter(({ pending, workClass }) => pending > 0 && workClass.isOpen && workClass.route.isOpen);
    const queues = new Set(open.map(({ queue }) => queue));
    return open.filter(
      (sub) =>
        [...queues].every((queue) => !isServedBefore(queue, sub.queue)) &&
        open.every((other) => other.queue !== sub.queue || before(other, sub) >= 0),
    );
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

const before = (a: Share, b: Share): number => a.served - b.served || a.turn - b.turn;
const isServedBefore = (a: QueueState, b: QueueState): boolean =>
  a.settings.priority > b.settings.priority || (a.settings.priority === b.settings.priority && before(a, b) < 0);
const nameOf = ({ queue, workClass }: SubQueue): string => `${queue.name} ${workClass.key}`;

testProp(
  'whoever is first in the contest is who would be first if everything were looked at',
  [fc.array(anyStep, { minLength: 1, maxLength: 200, size: 'max' })],
  (t, steps) => {
    const arena = new Arena();
    for (const step of steps) {
      arena.step(step);
      const found = arena.contest.first();
      const expected = arena.firstOfAll();
      const isSame = found === null ? expected.length === 0 : expected.includes(found);
      const said = found === null ? 'nobody' : nameOf(found);
      t.true(isSame, `${said}, expected ${expected.map(nameOf).join(' or ')}, after ${JSON.stringify(step)}`);
    }
  },
  { numRuns: 500 },
);

interface Member extends Share {
  weight: number;
}
const member = (weight: number): Member => ({ served: 0, turn: 0, heapAt: -1, weight });

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

import { DEFAULT_TASK_OPTIONS, type RangeEnd } from '@drover/core';
import { strategyNamed } from '@drover/strategies';
import test from 'ava';
import type { AssignmentFact, BatchFact, Command, ResultFact, WorkerFact } from './model.js';
import { Planner } from './planner.js';
import { DEFAULT_PLANNER_SETTINGS } from './settings.js';

/**
 * Two attempts at one task, in every order: a small ZooKeeper that takes each transaction of the table in the README whole or
 * not at all, workers that do what it says, and the planner as the leader, which may die at each point and hears of what was
 * written when it pleases. Law S1: never are two results accepted. Law S2: while both attempts are believed to live the task
 * has an assignment.
 */
const BATCH = 'B00000' as AssignmentFact['batch'];
const SLOW = 9;
const batchFact: BatchFact = {
  ...{ id: BATCH, queue: 'q', submittedAt: 0, bytes: 0, order: 1n },
  groups: [
    { ...DEFAULT_TASK_OPTIONS, type: 't', count: 10, maxAttempts: 2, resources: { cpu: 1_000 }, speculative: true },
  ],
};
const worker = (id: string): WorkerFact => ({
  ...{ id, capacity: 10, weight: 1, types: ['t'], draining: false },
  ...{ resources: { cpu: 10_000 }, host: id },
});

class World {
  now = 10_000;
  planner: Planner;
  readonly results: ResultFact[] = [];
  /** Assignments as they are in ZooKeeper. */
  readonly out = new Map<string, AssignmentFact>();
  readonly alive = new Set(['a', 'b']);
  /** The rival that each worker has read of, by its assignment. */
  readonly known = new Map<string, string | null>();
  readonly #untold: (() => void)[] = [];
  readonly #pending: Command[] = [];
  #epoch = 1;
  original = '';
  copy = '';

  constructor() {
    this.planner = this.#begin();
    for (const index of Array.from({ length: 9 }, (_, at) => at))
      this.#tell({ batch: BATCH, assignment: null, ends: [one(index, 'succeeded')], attempt: 1, at: 0, last: false });
    this.planner.worker(worker('a'));
    this.hear();
    this.plan();
    this.write();
    const [first] = this.out.keys();
    this.original = first ?? '';
    this.known.set(this.original, null);
    this.planner.worker(worker('b'));
    this.now += 5_000;
    this.plan();
  }

  #begin(): Planner {
    const epoch = this.#epoch++;
    const planner = new Planner({
      strategy: strategyNamed('round-robin'),
      settings: DEFAULT_PLANNER_SETTINGS,
      assignmentId: (_, n) => `e${epoch}-${n}`,
    });
    planner.batch(batchFact);
    return planner;
  }

  #tell(fact: ResultFact): void {
    this.results.push(fact);
    this.#untold.push(() => {
      this.planner.result(fact);
    });
  }

  hear(): void {
    for (const tell of this.#untold.splice(0)) tell();
  }

  plan(): void {
    this.#pending.push(...this.planner.plan(this.now, () => 0.5));
  }

  /** The leader's transactions reach ZooKeeper. */
  write(): void {
    for (const command of this.#pending.splice(0)) this.#apply(command);
  }

  #apply(command: Command): void {
    if (command.kind === 'assign') this.out.set(command.assignment.id, { ...command.assignment });
    if (command.kind === 'notify' && this.out.has(command.assignment.id))
      this.out.set(command.assignment.id, { ...command.assignment });
    if (command.kind === 'copy') {
      const { assignment, beside } = command;
      this.copy = assignment.id;
      if (this.out.has(beside.id)) {
        this.out.set(beside.id, { ...beside });
        this.out.set(assignment.id, { ...assignment });
        this.known.set(assignment.id, beside.id);
      } else this.#untold.push(() => this.planner.result({ ...over(assignment, this.now), ends: [] }));
    }
    if (command.kind === 'revoke') {
      const { assignment, ends } = command;
      if (!this.out.delete(assignment.id)) this.#untold.push(() => this.planner.assignmentGone(assignment.id));
      else if (ends.length > 0) this.#tell({ ...over(assignment, this.now), ends });
      else this.#untold.push(() => this.planner.result({ ...over(assignment, this.now), ends: [] }));
    }
  }

  /** The worker reads what the leader has written into its assignment. */
  read(id: string): void {
    const fact = this.out.get(id);
    if (fact !== undefined) this.known.set(id, fact.rival?.split('/')[1] ?? null);
  }

  /** The handler is through. The result stays in hand where the rival of a copy is gone; else it is dropped with its assignment. */
  ends(id: string, outcome: 'succeeded' | 'failed'): void {
    const fact = this.out.get(id);
    if (fact === undefined || !this.alive.has(fact.worker)) return;
    const rival = this.known.get(id) ?? null;
    const isCopy = id === this.copy && rival !== null;
    if (outcome === 'succeeded' && rival !== null && !this.out.has(rival) && isCopy) return;
    this.out.delete(id);
    if (outcome === 'succeeded' && rival !== null) {
      const other = this.out.get(rival);
      if (this.out.delete(rival) && other !== undefined) this.#untold.push(() => this.planner.result({ ...over(other, this.now), ends: [] })); // prettier-ignore
    }
    this.#tell({ ...over(fact, this.now), ends: [one(SLOW, isCopy && outcome === 'failed' ? 'returned' : outcome)] });
  }

  dies(id: string): void {
    if (!this.alive.delete(id)) return;
    this.#untold.push(() => {
      this.planner.workerGone(id, this.now);
    });
  }

  /** The leader dies, with what it has decided and not written, and the next one reads everything. */
  crash(): void {
    this.#pending.length = 0;
    this.#untold.length = 0;
    this.planner = this.#begin();
    for (const result of this.results) this.planner.result(result);
    for (const id of this.alive) this.planner.worker(worker(id));
    for (const fact of this.out.values()) this.planner.assignment({ ...fact });
  }

  get accepted(): number {
    return this.results.filter(({ ends }) => ends !== 'all' && ends.some(({ from, outcome }) => from === SLOW && outcome === 'succeeded')).length; // prettier-ignore
  }
}

const over = ({ batch, id, attempt }: AssignmentFact, at: number): Omit<ResultFact, 'ends'> => ({
  ...{ batch, assignment: id, attempt, at, last: true },
});
const one = (index: number, outcome: RangeEnd['outcome']): RangeEnd => ({ from: index, to: index + 1, outcome });

const STEPS: readonly ((w: World) => void)[] = [
  (w) => {
    w.write();
  },
  (w) => {
    w.hear();
    w.plan();
  },
  (w) => {
    w.read(w.original);
    w.read(w.copy);
  },
  (w) => {
    w.ends(w.original, 'succeeded');
  },
  (w) => {
    w.ends(w.original, 'failed');
  },
  (w) => {
    w.ends(w.copy, 'succeeded');
  },
  (w) => {
    w.ends(w.copy, 'failed');
  },
  (w) => {
    w.dies('a');
  },
  (w) => {
    w.dies('b');
  },
  (w) => {
    w.crash();
    w.plan();
  },
];
const DEPTH = 5;

test('S1 and S2 hold in every order of the steps, with a death of the leader or a worker at each point', (t) => {
  let orders = 0;
  const walk = (path: readonly number[]): void => {
    if (path.length === DEPTH) return judge(path);
    for (let step = 0; step < STEPS.length; step++)
      // The same step twice in a row does nothing the second time.
      if (path.at(-1) !== step) walk([...path, step]);
  };
  const judge = (path: readonly number[]): void => {
    orders++;
    const w = new World();
    for (const step of path) {
      STEPS[step]?.(w);
      if (w.accepted > 1) t.fail(`two results were accepted: ${path.join(' ')}`);
      const isUndisturbed = w.alive.size === 2 && w.results.length === 9;
      if (isUndisturbed && w.out.size === 0) t.fail(`no assignment is left: ${path.join(' ')}`);
    }
    // Then all goes well: somebody lives, and whoever has the task ends it.
    if (w.alive.size === 0) return;
    for (let turn = 0; turn < 12 && w.accepted === 0; turn++) {
      w.hear();
      w.now += 60_000;
      w.plan();
      w.write();
      for (const id of [...w.out.keys()]) w.read(id);
      if (turn > 2) for (const id of [...w.out.keys()]) w.ends(id, 'succeeded');
    }
    w.hear();
    w.plan();
    w.write();
    w.hear();
    if (w.accepted > 1) t.fail(`two results were accepted in the end: ${path.join(' ')}`);
    const { succeeded, failed, out } = w.planner.tally();
    if (succeeded + failed !== 10 || out !== 0)
      t.fail(`it does not end: ${path.join(' ')}: ${JSON.stringify(w.planner.tally())}`);
  };
  walk([0]);
  t.true(orders > 5_000, `${orders} orders`);
});

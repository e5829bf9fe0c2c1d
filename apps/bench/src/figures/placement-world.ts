import { DEFAULT_QUEUE_SETTINGS, DEFAULT_TASK_OPTIONS, type Amounts, type Where } from '@drover/core';
import { DEFAULT_PLANNER_SETTINGS, Planner, type AssignmentFact } from '@drover/planner';
import { seededRandom } from '@drover/runtime';
import { strategyNamed } from '@drover/strategies';

export interface PlacementSizes {
  readonly workers: number;
  readonly tasks: number;
  readonly classes: number;
  readonly accounts: number;
}

const ZONES = 10;
const KINDS = 20;
const WORKER: Amounts = { cpu: 16_000, memory: 64 * 2 ** 30 };
const SLOTS = 64;

/** The demand of one task of a class, and its account. */
interface ClassOf {
  readonly account: number;
  readonly resources: Amounts;
  readonly where: Where | null;
}

export const weightOf = (account: number): number => 1 + (account % 3);

/**
 * A planner with many workers of 200 kinds, and more tasks than fit: 4,000 classes of other demands and conditions, of fifty
 * accounts. `isPlain`: the same tasks say nothing of it.
 */
export class PlacementWorld {
  readonly planner: Planner;
  readonly sizes: PlacementSizes;
  /** The time since the assignment before, of the same plan, in ms: what one placement takes. */
  readonly placementMs: number[] = [];
  readonly planMs: number[] = [];
  readonly out: AssignmentFact[] = [];
  readonly random = seededRandom(7);
  readonly #classes: ClassOf[];
  #lastAt = 0;
  #now = 1_000_000;

  constructor(sizes: PlacementSizes, isPlain = false) {
    this.sizes = sizes;
    this.planner = new Planner({
      strategy: strategyNamed('least-loaded'),
      settings: { ...DEFAULT_PLANNER_SETTINGS, retainTasks: 0, retainAtLeastMs: 0 },
      assignmentId: (batch, n) => {
        const at = performance.now();
        this.placementMs.push(at - this.#lastAt);
        this.#lastAt = at;
        return `${batch}.e2-${n}`;
      },
    });
    this.#classes = Array.from({ length: sizes.classes }, (_, n) => this.#draw(n % sizes.accounts));
    this.#workers(isPlain);
    this.#accounts(isPlain);
    this.#batches(isPlain);
  }

  /** Assignments of one plan. */
  plan(): number {
    const before = this.out.length;
    const begunAt = performance.now();
    this.#lastAt = begunAt;
    const commands = this.planner.plan(this.#now, this.random);
    this.planMs.push(performance.now() - begunAt);
    this.#now++;
    for (const command of commands) if (command.kind === 'assign') this.out.push(command.assignment);
    return this.out.length - before;
  }

  /** Plans until nothing fits any more, or `enough` says so. */
  fill(enough: () => boolean = () => false): void {
    while (!enough()) {
      const given = this.plan();
      const due = this.planner.nextDueAt();
      if (given === 0 && (due === null || due > this.#now)) return;
    }
  }

  /** Some assignment ends: its tasks have succeeded. */
  end(): void {
    const at = Math.floor(this.random() * this.out.length);
    const [assignment] = this.out.splice(at, 1, this.out.at(-1) as AssignmentFact);
    this.out.pop();
    if (assignment === undefined) return;
    const { id, batch, attempt } = assignment;
    this.planner.result({ batch, assignment: id, ends: 'all', attempt, at: this.#now, last: true });
  }

  /** The part of all cpu that is claimed, 0 to 1. */
  get cpuUsed(): number {
    return this.#held('cpu').reduce((sum, held) => sum + held, 0);
  }

  /** How far the weighted dominant share of an account is from their mean, at most: 0.01 is a hundredth of it. */
  get deviation(): number {
    const [cpu, memory] = [this.#held('cpu'), this.#held('memory')];
    const shares = cpu.map((part, account) => Math.max(part, memory[account] ?? 0) / weightOf(account));
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return Math.max(...shares.map((share) => Math.abs(share - mean) / mean));
  }

  /** By account, the part that it holds of the resource of all workers. */
  #held(name: 'cpu' | 'memory'): number[] {
    const all = (WORKER[name] ?? 0) * this.sizes.workers;
    const held = new Array<number>(this.sizes.accounts).fill(0);
    for (const { batch, tasks, width = 0 } of this.out) {
      const { account, resources } = this.#classes[Number(batch.slice(1))] as ClassOf;
      const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
      held[account] = (held[account] ?? 0) + ((resources[name] ?? 0) * Math.min(width, count)) / all;
    }
    return held;
  }

  #upTo(count: number): number {
    return Math.floor(this.random() * count);
  }

  #draw(account: number): ClassOf {
    const where: Where[number][] = [];
    const kind = this.random();
    if (kind > 0.2 && kind < 0.7) where.push({ label: 'kind', op: 'in', values: [`k${this.#upTo(KINDS)}`] });
    if (kind < 0.4) where.push({ label: 'zone', op: 'in', values: [`z${this.#upTo(ZONES)}`, `z${this.#upTo(ZONES)}`] });
    const resources = { cpu: 500 * (1 + this.#upTo(8)), memory: 2 ** 30 * (1 + this.#upTo(8)) };
    return { account, resources, where: where.length === 0 ? null : where };
  }

  #workers(isPlain: boolean): void {
    for (let n = 0; n < this.sizes.workers; n++) {
      const labels = { zone: `z${n % ZONES}`, kind: `k${Math.floor(n / ZONES) % KINDS}` };
      const has = isPlain ? {} : { resources: WORKER, labels };
      const understands = ['placement'];
      this.planner.worker({
        id: `w${n}`,
        capacity: SLOTS,
        weight: 1,
        types: ['t'],
        draining: false,
        understands,
        ...has,
      });
    }
  }

  #accounts(isPlain: boolean): void {
    for (let n = 0; n < this.sizes.accounts; n++) {
      const account = isPlain ? DEFAULT_QUEUE_SETTINGS.account : `account${n}`;
      if (!isPlain) this.planner.account(account, { weight: weightOf(n), guarantee: {}, limit: {}, lend: true });
      this.planner.queue(`queue${n}`, { ...DEFAULT_QUEUE_SETTINGS, account });
    }
  }

  #batches(isPlain: boolean): void {
    const { tasks, classes, accounts } = this.sizes;
    const count = Math.max(1, Math.floor(tasks / classes));
    for (const [n, { resources, where }] of this.#classes.entries()) {
      const says = isPlain ? {} : { resources, where };
      const group = { ...DEFAULT_TASK_OPTIONS, type: 't', count, ...says };
      const queue = `queue${n % accounts}`;
      this.planner.batch({ id: `B${n}`, queue, groups: [group], submittedAt: 0, bytes: 0 });
    }
  }
}

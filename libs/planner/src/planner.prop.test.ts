import { DEFAULT_QUEUE_SETTINGS, indexesOf } from '@drover/core';
import { testProp } from '@fast-check/ava';
import type { ExecutionContext } from 'ava';
import type { Reason } from './explain.js';
import type { TaskName } from './model.js';
import { anyHistory, live } from '../test/history.js';
import { groupAt, mayRun, seededRandom, type TrueState, type World } from '../test/world.js';

const RUNS = { numRuns: 150 };

testProp(
  'no command breaks a law, and once faults stop every task ends, every batch is finished, every key is free',
  [anyHistory],
  (t, any) => {
    const history = live(any);
    const { world } = history;
    history.calm();
    // The last of the requests may have opened a finished batch again.
    world.settle();
    for (let round = 0; unfinished(world) > 0; round++) {
      t.true(round < 1_000, `${unfinished(world)} batches never end`);
      world.settle();
      for (const [id, { fact }] of world.assignments) {
        if (world.workers.has(fact.worker)) world.reportRest(id);
      }
      unblock(world);
      world.now = Math.max(world.now + 10, world.assignments.size > 0 ? 0 : (world.planner.nextDueAt() ?? 0));
    }
    world.settle();
    t.is(world.assignments.size, 0);
    t.deepEqual([...world.keys], []);
    world.checkUnique();
    tallyIsTrue(t, world);
  },
  RUNS,
);

/** Somebody looks after sequences whose first task has failed: some are retried, some given up. */
function unblock(world: World): void {
  for (const [batch, { fact, states }] of world.batches)
    states.forEach((state, index) => {
      if (state !== 'failed' || groupAt(fact, index).sequence?.onFailure !== 'block') return;
      world.planner.cancel([{ batch, index }], world.now);
    });
}

function unfinished(world: World): number {
  return [...world.batches.values()].filter(({ finished }) => finished === null).length;
}

function tallyIsTrue(t: ExecutionContext, world: World): void {
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const { states } of world.batches.values())
    for (const state of states)
      if (state === 'succeeded' || state === 'failed' || state === 'cancelled') counts[state]++;
  t.deepEqual(world.planner.tally(), { scheduled: 0, pending: 0, out: 0, retrying: 0, ...counts });
}

/** Of each queue, and of each tenant of it. */
function unfinishedIsTrue(t: ExecutionContext, { batches, state: { queues } }: World): void {
  const counts = new Map<string, number>();
  const add = (name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { fact, states } of batches.values()) {
    const tenants = fact.groups.flatMap(({ count, tenant }) => Array.from({ length: count }, () => tenant));
    states.forEach((state, index) => {
      if (state === 'succeeded' || state === 'failed' || state === 'cancelled') return;
      add(fact.queue);
      add(`${fact.queue}/${tenants[index]}`);
    });
  }
  for (const queue of queues.values()) {
    t.is(queue.unfinished, counts.get(queue.name) ?? 0, queue.name);
    for (const tenant of queue.allTenants())
      t.is(tenant.unfinished, counts.get(`${queue.name}/${tenant.name}`) ?? 0, `${queue.name}/${tenant.name}`);
  }
}

testProp(
  'the states that a planner tells are those that follow from the results',
  [anyHistory],
  (t, any) => {
    const { world } = live(any);
    world.settle();
    const lies: string[] = [];
    for (const [id, { states }] of world.batches)
      states.forEach((state, index) => {
        const seen = world.planner.stateOf({ batch: id, index }) ?? 'unknown';
        if (!TOLD_AS[state].includes(seen)) lies.push(`${id}.${index}: ${state}, told as ${seen}`);
      });
    t.deepEqual(lies, []);
    unfinishedIsTrue(t, world);
  },
  RUNS,
);

/** `ended`: of a finished batch the planner may not remember how. */
const TOLD_AS: Record<TrueState, readonly string[]> = {
  waiting: ['pending', 'scheduled', 'retrying'],
  out: ['assigned'],
  unreported: [],
  succeeded: ['succeeded'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

testProp(
  'what is told of ends adds up to the ends that there were',
  [anyHistory],
  (t, any) => {
    const { world } = live(any);
    world.settle();
    const sorted = (counts: Map<string, number>): [string, number][] =>
      [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    t.deepEqual(sorted(world.ended.told), sorted(world.ended.true));
  },
  RUNS,
);

testProp(
  'a planner that is rebuilt from the facts knows what the one knew that lived through them',
  [anyHistory],
  (t, any) => {
    const { world } = live(any);
    world.settle();
    const rebuilt = world.rebuilt();
    const commands = rebuilt.plan(world.now, seededRandom(1));
    const surprises = commands.filter(({ kind }) => kind !== 'assign').map(({ kind }): string => kind);
    const again = new Set(commands.flatMap((command) => (command.kind === 'assign' ? [command.assignment.batch] : [])));
    for (const [batch, { count }] of world.batches) {
      for (let index = 0; index < count && !again.has(batch); index++) {
        const before = world.planner.stateOf({ batch, index });
        const after = rebuilt.stateOf({ batch, index });
        if (before !== after) surprises.push(`${batch}.${index} was ${before} and is ${after}`);
      }
    }
    t.deepEqual(
      surprises.filter((surprise) => harmful(surprise, world)),
      [],
    );
  },
  RUNS,
);

/**
 * A rebuilt planner cannot know which keys were released already: the leader looks before it removes one. Nor does it
 * know which workers were kept for suspects: it may keep others, and take back what they were given ahead.
 */
function harmful(surprise: string, { batches }: World): boolean {
  const hasSuspects = [...batches.values()].some(({ progress }) => progress.some(({ losses }) => losses > 0));
  // A window that was inherited lasts until after the end of its task: what waits for it waits longer, or is dropped.
  // One that went out as the last of its burst and was handed back is a burst of its own.
  const hasWindows = [...batches.values()].some(({ fact }) =>
    fact.groups.some(({ unique }) => unique !== null && (unique.everyMs !== null || unique.maxMs !== null)),
  );
  // A task that had ended and was retried by hand since has not ended, for a leader that sees it for the first time.
  const waitsForEnds = [...batches.values()].some(({ fact }) =>
    fact.groups.some(({ after, afterMode }) => after !== null && afterMode === 'ended'),
  );
  if (waitsForEnds && surprise.endsWith('was pending and is scheduled')) return false;
  if (isNewestOfBurst(surprise, batches)) return false;
  if (hasWindows && (surprise === 'record' || /is (scheduled|cancelled)$/.test(surprise))) return false;
  if (surprise === 'reserve') return false;
  return surprise !== 'release-key' && !(surprise === 'notify' && hasSuspects);
}

/** It took the place in line of a task that has ended: a rebuilt planner waits for `quiet` after its submit. */
function isNewestOfBurst(surprise: string, batches: World['batches']): boolean {
  const [, batch = '', index] = /^(.+)\.(\d+) was pending and is scheduled$/.exec(surprise) ?? [];
  const fact = batches.get(batch)?.fact;
  return fact !== undefined && groupAt(fact, Number(index)).unique?.mode === 'debounce';
}

testProp(
  'nobody who could run a task is idle while one is pending',
  [anyHistory],
  (t, any) => {
    const { world } = live(any);
    world.settle();
    const idle = [...world.workers].filter(([id, { draining }]) => !draining && world.out(id) === 0);
    const wasted: string[] = [];
    for (const [batch, ofWorld] of world.batches) {
      const { fact, count } = ofWorld;
      const { paused, maxRunning, maxRunningPerTenant } = world.queues.get(fact.queue) ?? DEFAULT_QUEUE_SETTINGS;
      if (paused || (maxRunning !== null && world.running(fact.queue) >= maxRunning)) continue;
      for (let index = 0; index < count; index++) {
        if (world.planner.stateOf({ batch, index }) !== 'pending') continue;
        const { type, tenant } = groupAt(fact, index);
        if (world.runningOf(fact.queue, tenant) >= (maxRunningPerTenant ?? Infinity)) continue;
        if (!world.limits.mayGo(ofWorld, index, world.now)) continue;
        if (world.roomOf(world.accountOf(fact.queue)) <= 0 || keepsToThemselves(world)) continue;
        for (const [id, worker] of idle)
          if (mayRun(worker, fact, type)) wasted.push(`${id} idles beside ${batch}.${index}`);
      }
    }
    t.deepEqual(wasted, []);
  },
  RUNS,
);

/** Some account keeps room that it does not use. */
const keepsToThemselves = ({ accounts }: World): boolean =>
  [...accounts.values()].some(({ lend, guarantee }) => !lend && Object.keys(guarantee).length > 0);

/** Until which of its reasons is gone no plan hands the task out; whether workers are full, the next plan says anew. */
const HARD = new Set([
  'task-ended',
  'not-due',
  'queue-paused',
  'queue-limit',
  'tenant-limit',
  'no-worker',
  'type-unserved',
  'not-understood',
  'all-draining',
]);

testProp(
  'no plan hands out what is explained to be blocked, and nothing is explained to be in line beside an idle worker',
  [anyHistory],
  (t, any) => {
    const { world } = live(any);
    world.deliver();
    const { planner, now } = world;
    const blocked = new Set<string>();
    for (const [batch, { count }] of world.batches)
      for (let index = 0; index < count; index++)
        if (planner.explain({ batch, index }, now)?.reasons.some(({ code }) => HARD.has(code)) === true)
          blocked.add(`${batch}.${index}`);
    const broken = world
      .plan()
      .flatMap((command) => (command.kind === 'assign' ? [command.assignment] : []))
      .flatMap(({ batch, tasks }) => [...indexesOf(tasks)].map((index) => `${batch}.${index}`))
      .filter((task) => blocked.has(task));
    t.deepEqual(broken, []);

    world.settle();
    const idle = [...world.workers]
      .filter(([id, { draining }]) => !draining && world.out(id) === 0)
      .map(([, fact]) => fact);
    const unexplained: string[] = [];
    for (const [batch, { count, fact }] of world.batches)
      for (let index = 0; index < count; index++)
        if (world.planner.stateOf({ batch, index }) === 'pending') {
          const reasons = world.planner.explain({ batch, index }, world.now)?.reasons ?? [];
          const [first] = reasons;
          // Its turn comes when the strategy or the contest says so; while somebody idles who offers it, that is now.
          const inLine = reasons.every(({ blocking }) => !blocking)
            ? reasons.find(({ code }) => code === 'in-line')
            : null;
          if (inLine?.code === 'in-line' && idle.some((worker) => mayRun(worker, fact, inLine.type)))
            unexplained.push(`${batch}.${index} waits in line beside an idle worker`);
          if (first === undefined) unexplained.push(`${batch}.${index}`);
          unexplained.push(...wrongOrder(world, { batch, index }, reasons));
        }
    t.deepEqual(unexplained, []);
  },
  RUNS,
);

/** The reasons about priorities and tenants, held against all tasks of the queue that wait. */
function wrongOrder(world: World, { batch, index }: TaskName, reasons: readonly Reason[]): string[] {
  const own = world.batches.get(batch);
  if (own === undefined) return [];
  const { tenant, priority } = groupAt(own.fact, index);
  const waiting = [...world.batches].flatMap(([id, { fact, count }]) =>
    fact.queue !== own.fact.queue
      ? []
      : Array.from({ length: count }, (_, at) => at)
          .filter((at) => world.planner.stateOf({ batch: id, index: at }) === 'pending')
          .map((at) => groupAt(fact, at)),
  );
  const wrong: string[] = [];
  for (const reason of reasons) {
    if (reason.code === 'behind-priority' && reason.of === 'tasks') {
      const higher = waiting.filter((group) => group.tenant === tenant && group.priority > priority);
      if (reason.pending > higher.length || !higher.some((group) => group.priority === reason.highest))
        wrong.push(`${batch}.${index} is behind ${reason.pending} of priority ${reason.highest}`);
      if (reason.tenant !== tenant || reason.priority !== priority) wrong.push(`${batch}.${index} is another task`);
    }
    if (reason.code === 'tenant-turn') {
      const others = new Set(waiting.flatMap((group) => (group.tenant === tenant ? [] : [group.tenant])));
      if (reason.tenants > others.size || reason.tenants === 0)
        wrong.push(`${batch}.${index}: ${reason.tenants} tenants`);
    }
    if (reason.code === 'tenant-limit' && reason.out !== world.runningOf(own.fact.queue, tenant))
      wrong.push(`${batch}.${index}: ${reason.out} of its tenant are out`);
  }
  return wrong;
}

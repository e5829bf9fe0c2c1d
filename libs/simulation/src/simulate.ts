import { decodeRecord, LAYOUT, ROOTS } from '@drover/protocol';
import { relative, ROOT } from './check/znode-change.js';
import { inBackground, uncaught } from '@drover/runtime';
import {
  answerSignals,
  removeAllDefinitions,
  removeLimits,
  removeSchedules,
  setBack,
  unblock,
} from './processes/set-back.js';
import type { Environment } from './processes/simulated-process.js';
import { World, type WorldOptions } from './world.js';

export interface Outcome {
  seed: number;
  /** Empty: all held. */
  findings: readonly string[];
  simulatedMs: number;
  /** Events. */
  steps: number;
  transactions: number;
  tasks: number;
  /** Handlers that began. */
  started: number;
  faults: number;
  epochs: number;
  /** Assignments that a leader took away. */
  revoked: number;
  /** Tasks that schedules made. */
  fires: number;
  /** Steps of flows, and parts of them, that were started. */
  stepsOfFlows: number;
  /** Tasks of broadcasts. */
  broadcasts: number;
  /** Assignments that claimed resources. */
  placed: number;
  /** Attempts that were begun beside one that went on. */
  copies: number;
  /** Attempts that made room for others. */
  preempted: number;
}

const STARTS_WITHIN_MS = 500;
/** A worker of another name: it finds broadcasts that are open. */
const JOINS_WITHIN_MS = 3_000;
/** Without faults, at least one task ends in each such time, until all have ended. */
const ENDS_WITHIN_MS = 30_000;
const ANSWERS_WITHIN_MS = 60_000;
/** And retention has removed it. */
const REMOVED_WITHIN_MS = 60_000;
/** Plans without flows, and drafts of flows that never came, are kept for ten minutes. */
const UNUSED_WITHIN_MS = 12 * 60_000;
const STOPS_WITHIN_MS = 20_000;
/** The leader looks for those that are idle each ten seconds, and a hold may last as long. */
const UNRESERVED_WITHIN_MS = 40_000;
/** Schedules go on for so long when the faults are over. */
const STEADY_MS = 3_000;
/** A schedule fires so soon after its time, and goes on after faults within so long. */
const FIRES_LATE_MS = 3_000;
const FIRES_WITHIN_MS = 30_000;
/** Longer than anything is retained where ZooKeeper's clock was moved. */
const LONG_MS = 6 * 3_600_000;

/** Runs one seed to its end, or to the first rule that is broken. */
export async function simulate(options: WorldOptions): Promise<Outcome> {
  const world = new World(options);
  const end = { isReached: false };
  const failed = (error: unknown): void => world.failed('a promise that nobody looked after', error);
  process.on('unhandledRejection', failed);
  // Errors get stacks only for a trace: there are many errors, and making the stacks takes most of their time.
  const { stackTraceLimit } = Error;
  if (options.trace === undefined) Error.stackTraceLimit = 0;
  direct(world)
    .catch((error: unknown) => world.failed('the simulation', error))
    .finally(() => (end.isReached = true));
  await world.clock.run(() => end.isReached || world.rules.findings.any);
  process.off('unhandledRejection', failed);
  Error.stackTraceLimit = stackTraceLimit;
  const { clock, rules, ensemble, faults } = world;
  if (!end.isReached && !rules.findings.any) rules.findings.add('nothing happens any more');
  return {
    ...{ seed: options.seed, findings: rules.findings.all, simulatedMs: clock.nowMs, steps: clock.steps },
    ...{ transactions: ensemble.authority.log.length, tasks: rules.tasks.count },
    ...{ started: rules.handlers.started, faults: faults.count, epochs: rules.leader.epoch },
    ...{ revoked: rules.tasks.revoked, fires: rules.fires.count, stepsOfFlows: rules.flows.named },
    ...{ broadcasts: rules.broadcasts.tasks, placed: rules.placement.placed },
    ...{ copies: rules.tasks.copies, preempted: rules.tasks.preempted },
  };
}

async function direct(world: World): Promise<void> {
  const { faults, settings, rules } = world;
  const late = settings.hasFlows ? world.workers.at(-1) : undefined;
  for (const process of world.processes)
    world.runtime.after(world.runtime.random() * (process === late ? JOINS_WITHIN_MS : STARTS_WITHIN_MS), () =>
      process.start(),
    );
  await pass(world, world.runtime.random() * 1_000);
  faults.begin();
  await pass(world, settings.faultyMs);
  faults.end();
  world.isOver = true;
  workersHaveAll(world);
  await asked(world);
  await schedulesFire(world);
  await schedulesGo(world);
  await allEnded(world);
  // They may have something to submit and to ask for yet, from before the faults were over.
  await Promise.all(world.clients.map((process) => process.stop()));
  if (rules.tasks.unendedCount > 0 || pathsBelow(world, ROOTS.queues).length > 0) await asked(world);
  await schedulesGo(world);
  await allEnded(world);
  await runsEnd(world);
  rules.unique.checkEnds();
  await blockersGo(world);
  if (settings.faults.includes('clock of ZooKeeper') || settings.hasFlows) await longPasses(world);
  await workersLeave(world);
  await limitsGo(world);
  await definitionsGo(world);
  const isGone = (): boolean => rules.tasks.batches === 0;
  if (!settings.hasFlows && !(await until(world, REMOVED_WITHIN_MS, isGone)))
    rules.findings.add(`${rules.tasks.batches} batches are still there, retention should have removed them`);
  await plansGo(world);
  await schedulersLeave(world);
  world.ensemble.stop();
}

/** Workers start anew, with all that any task asks for. One may be killed by a task while it stops. */
function workersHaveAll({ settings, workers }: World): void {
  if (!settings.hasPlacement) return;
  for (const process of workers) {
    inBackground(process.stop(), uncaught);
    process.start();
  }
}

async function allEnded(world: World): Promise<void> {
  const { rules } = world;
  const { tasks } = rules;
  let isSetBack = false;
  for (let left = tasks.unendedCount; left > 0; left = tasks.unendedCount) {
    await schedulesGo(world);
    await blockersGo(world);
    if (await until(world, ENDS_WITHIN_MS, () => tasks.unendedCount < left || rules.limits.blocking().length > 0))
      continue;
    // By a client that was cut off until after all had been set back, and is gone.
    if (!isSetBack && isHeldUp(world)) {
      isSetBack = true;
      await asked(world);
      continue;
    }
    const ids = tasks.unended().map(({ id }) => id);
    rules.findings.add(`no task has ended for ${ENDS_WITHIN_MS} ms, without faults: ${ids.join(' ')}`);
    return;
  }
}

/** Somebody gives the signals that are waited for, until every run has ended. */
async function runsEnd(world: World): Promise<void> {
  const { flows, tasks, findings } = world.rules;
  for (let left = flows.unended().length; left > 0; left = flows.unended().length) {
    await operate(world, (environment) =>
      answerSignals(environment, world.clientSetup.sessionTimeoutMs, () => flows.unended()),
    );
    await allEnded(world);
    const goesOn = (): boolean => flows.unended().length < left || tasks.unendedCount > 0;
    if (await until(world, ENDS_WITHIN_MS, goesOn)) continue;
    findings.add(
      `no run has ended for ${ENDS_WITHIN_MS} ms: ${flows
        .unended()
        .map(({ id }) => id)
        .join(' ')}`,
    );
    return;
  }
}

/** Live schedules go on firing when the faults are over. */
async function schedulesFire(world: World): Promise<void> {
  const { rules, runtime, settings } = world;
  if (settings.schedules.length === 0) return;
  await pass(world, STEADY_MS);
  const stuck = (): string[] => rules.schedules.stuck(runtime.now(), FIRES_LATE_MS);
  if (!(await until(world, FIRES_WITHIN_MS, () => stuck().length === 0)))
    rules.findings.add(`due, and not fired for ${FIRES_WITHIN_MS} ms without faults: ${stuck().join(' ')}`);
}

async function schedulesGo(world: World): Promise<void> {
  if (pathsBelow(world, ROOTS.schedules).length + pathsBelow(world, ROOTS.calendars).length === 0) return;
  await operate(world, (environment) => removeSchedules(environment, world.clientSetup.sessionTimeoutMs));
}

/**
 * Somebody cancels the failed tasks that keep the others of their sequence waiting; again where a cancel came while the
 * last failure was under way.
 */
async function blockersGo(world: World): Promise<void> {
  const { limits } = world.rules;
  let before: readonly string[] = [];
  for (let left = limits.blocking(); left.length > 0; left = limits.blocking()) {
    const stuck = left.filter((id) => before.includes(id));
    if (stuck.length > 0) {
      world.rules.findings.add(`they were cancelled twice, and still block their sequences: ${stuck.join(' ')}`);
      return;
    }
    for (let times = 0; times < 2; times++)
      await operate(world, (environment) =>
        unblock(environment, world.clientSetup.sessionTimeoutMs, () => limits.blocking()),
      );
    before = left;
  }
}

/** Reservations that nobody uses vanish by themselves; then the limits are removed. */
async function limitsGo(world: World): Promise<void> {
  if (pathsBelow(world, ROOTS.limits).length === 0) return;
  const reserved = (): string[] => pathsBelow(world, ROOTS.limits).filter((path) => path.split('/').length === 4);
  if (!(await until(world, UNRESERVED_WITHIN_MS, () => reserved().length === 0)))
    world.rules.findings.add(`reservations that nobody uses are still there: ${reserved().join(' ')}`);
  await operate(world, (environment) => removeLimits(environment, world.clientSetup.sessionTimeoutMs));
}

async function definitionsGo(world: World): Promise<void> {
  if (!world.settings.hasPlacement) return;
  await operate(world, (environment) => removeAllDefinitions(environment, world.clientSetup.sessionTimeoutMs));
}

/** ZooKeeper's clock goes on by hours, twice: some batches are finished by the leader that finds them. */
async function longPasses(world: World): Promise<void> {
  const { ensemble, schedulers, rules } = world;
  const isLeft = (): boolean =>
    rules.tasks.batches > 0 ||
    [ROOTS.flows, ROOTS.broadcasts].some((root) => pathsBelow(world, root).some((path) => !KEPT.has(path)));
  for (let times = 0; times < 2 && isLeft(); times++) {
    await Promise.all(schedulers.map((process) => process.stop()));
    ensemble.authority.aheadMs += LONG_MS;
    for (const process of schedulers) process.start();
    await until(world, 5_000, () => !isLeft());
  }
}

/** Somebody asked for a worker to be drained, for a queue to be paused or limited, or defined an account, a pool or a resource. */
function isHeldUp(world: World): boolean {
  const { tree } = world.ensemble.authority;
  const isDraining = pathsBelow(world, ROOTS.assignments).some((path) => {
    const data = path.split('/').length === 3 && tree.get(`${ROOT}${path}`)?.data;
    return data && decodeRecord('workerAssignments', path, data).draining;
  });
  const roots = [ROOTS.queues, ROOTS.accounts, ROOTS.pools, ROOTS.resources];
  return isDraining || roots.some((root) => pathsBelow(world, root).length > 0);
}

/** Reverts drains of workers and settings of queues that clients asked for. */
function asked(world: World): Promise<void> {
  return operate(world, (environment) => setBack(environment, world.clientSetup));
}

async function operate(world: World, work: (environment: Environment) => Promise<void>): Promise<void> {
  let isDone = false;
  world.extra('operator', (environment) => {
    work(environment).then(
      () => (isDone = true),
      (error: unknown) => world.failed('the operator', error),
    );
    return { stop: () => Promise.resolve() };
  });
  if (!(await until(world, ANSWERS_WITHIN_MS, () => isDone)))
    world.rules.findings.add(`no leader has answered within ${ANSWERS_WITHIN_MS} ms of the last fault`);
}

async function workersLeave(world: World): Promise<void> {
  const { findings } = world.rules;
  const assigned = pathsBelow(world, ROOTS.assignments).filter((path) => path.split('/').length === 4);
  if (assigned.length > 0) findings.add(`nothing is left to do, and still there is ${assigned.join(' ')}`);
  await Promise.all(world.workers.map((process) => process.stop()));
  if (!(await until(world, STOPS_WITHIN_MS, () => pathsBelow(world, ROOTS.assignments).length === 0)))
    findings.add('directories of workers that have stopped are still there');
}

/** Nobody uses them any more: the leader gives them ten minutes. */
async function plansGo(world: World): Promise<void> {
  if (!world.settings.outlivesPlans) return;
  const plans = (): string[] =>
    [...pathsBelow(world, ROOTS.plans), ...pathsBelow(world, ROOTS.tasks)].filter((path) => !KEPT.has(path));
  if (!(await until(world, UNUSED_WITHIN_MS, () => plans().length === 0, LOOK_SELDOM_MS)))
    world.rules.findings.add(`plans and drafts that nobody uses are still there: ${plans().join(' ')}`);
}

/** A znode that is left in ZooKeeper then is a leak. */
async function schedulersLeave(world: World): Promise<void> {
  await Promise.all(world.schedulers.map((process) => process.stop()));
  const isQuiet = await until(world, STOPS_WITHIN_MS, () => orphans(world).length === 0);
  if (!isQuiet) world.rules.findings.add(`left behind: ${orphans(world).join(' ')}`);
}

const KEPT = new Set<string>(['/', ...LAYOUT, ROOTS.epoch, ROOTS.intake, ROOTS.status]);

function orphans({ ensemble, settings, rules }: World): string[] {
  const isUnused = (path: string): boolean => path.startsWith(`${ROOTS.plans}/`) || rules.flows.isDraftOfNothing(path);
  const isKept = (path: string): boolean => KEPT.has(path) || (!settings.outlivesPlans && isUnused(path));
  return [...ensemble.authority.tree.paths()].map(relative).filter((path) => !isKept(path));
}

function pathsBelow({ ensemble }: World, path: string): string[] {
  const below: string[] = [];
  for (const one of ensemble.authority.tree.paths()) if (one.startsWith(`${ROOT}${path}/`)) below.push(relative(one));
  return below;
}

const LOOK_MS = 100;
/** For what takes minutes. */
const LOOK_SELDOM_MS = 2_000;

/** Whether it came to be within that time. */
async function until(world: World, withinMs: number, holds: () => boolean, everyMs = LOOK_MS): Promise<boolean> {
  const endMs = world.clock.nowMs + withinMs;
  while (!holds()) {
    if (world.clock.nowMs >= endMs) return false;
    await pass(world, everyMs);
  }
  return true;
}

function pass(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => void world.runtime.after(ms, resolve));
}

import {
  CommandRefusedError,
  CommandTimeoutError,
  NoDroverError,
  NoLeaderError,
  ScheduleNotFoundError,
  UnknownLimitError,
  WorkerNotFoundError,
  type Drover,
  type TaskId,
} from '@drover/client';
import { connectAtLast } from './connect-at-last.js';
import { answerAll } from './flow-actions.js';
import { isOfDefinitions, releaseDefinitions, removeDefinitions } from './definition-actions.js';
import { PLACED_AS_BEFORE } from './placement-actions.js';
import type { ClientSetup } from './client-program.js';
import type { Environment } from './simulated-process.js';

/** The settings of queues that clients change, as they were before. */
export const AS_BEFORE = {
  paused: false,
  maxRunning: null,
  maxRunningPerTenant: null,
  tenants: { acme: 1 },
  fairness: 'tasks' as const,
  minShare: 0,
};

/** Sets back what other clients have asked of workers and queues. Resolves when all of it is done. */
export async function setBack(
  environment: Environment,
  setup: Pick<ClientSetup, 'sessionTimeoutMs' | 'workers' | 'queues' | 'limits' | 'hasPlacement'>,
): Promise<void> {
  const drover = await connectAtLast(environment, setup.sessionTimeoutMs);
  const before = setup.hasPlacement ? { ...AS_BEFORE, ...PLACED_AS_BEFORE } : AS_BEFORE;
  const asked = [
    ...setup.workers.map((worker) => () => drover.drain(worker, false)),
    ...setup.queues.map((queue) => () => drover.configureQueue(queue, before)),
    ...setup.limits.map((limit) => () => release(drover, limit)),
    ...(setup.hasPlacement ? [() => releaseDefinitions(drover)] : []),
  ];
  await Promise.all(asked.map((ask) => untilDone(ask, environment)));
  await drover.close();
}

/** It may have been held while ZooKeeper's clock was ahead, and for as long. */
async function release({ limits }: Drover, limit: string): Promise<void> {
  try {
    await limits.hold(limit, 0);
  } catch (error) {
    if (!(error instanceof UnknownLimitError)) throw error;
  }
}

/** Cancels failed tasks that keep the others of their sequence waiting. */
export async function unblock(
  environment: Environment,
  sessionTimeoutMs: number,
  blocking: () => TaskId[],
): Promise<void> {
  const drover = await connectAtLast(environment, sessionTimeoutMs);
  await untilDone(async () => {
    await drover.cancel(blocking());
  }, environment);
  await drover.close();
}

/** Gives all signals that runs may wait for. */
export async function answerSignals(
  environment: Environment,
  sessionTimeoutMs: number,
  runs: () => readonly { id: string; signals: readonly string[] }[],
): Promise<void> {
  const drover = await connectAtLast(environment, sessionTimeoutMs);
  await untilDone(() => answerAll(drover, runs()), environment);
  await drover.close();
}

/** Removes all limits. Resolves when none is left. */
export async function removeLimits(environment: Environment, sessionTimeoutMs: number): Promise<void> {
  const drover = await connectAtLast(environment, sessionTimeoutMs);
  await untilDone(async () => {
    for (const { name } of await drover.limits.list()) await drover.limits.remove(name, { force: true });
  }, environment);
  await drover.close();
}

/** Removes all accounts, pools and floating resources. Resolves when none is left. */
export async function removeAllDefinitions(environment: Environment, sessionTimeoutMs: number): Promise<void> {
  const drover = await connectAtLast(environment, sessionTimeoutMs);
  await untilDone(() => removeDefinitions(drover), environment);
  await drover.close();
}

/** Removes all schedules and calendars. Resolves when none is left. */
export async function removeSchedules(environment: Environment, sessionTimeoutMs: number): Promise<void> {
  const drover = await connectAtLast(environment, sessionTimeoutMs);
  await untilDone(() => removeAll(drover, environment), environment);
  await drover.close();
}

async function removeAll({ schedules, calendars }: Drover, { runtime }: Environment): Promise<void> {
  for (const { name } of await schedules.list()) {
    try {
      await schedules.remove(name, { cancel: runtime.random() < 0.5 });
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }
  for (const { name } of await calendars.list()) await calendars.remove(name, { force: true });
}

async function untilDone(ask: () => Promise<unknown>, { runtime }: Environment): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      const isPassing =
        error instanceof NoDroverError ||
        error instanceof NoLeaderError ||
        error instanceof CommandTimeoutError ||
        error instanceof CommandRefusedError ||
        error instanceof UnknownLimitError ||
        isOfDefinitions(error) ||
        error instanceof WorkerNotFoundError;
      if (!isPassing) throw error;
    }
    await new Promise<void>((resolve) => runtime.after(500, resolve));
  }
}

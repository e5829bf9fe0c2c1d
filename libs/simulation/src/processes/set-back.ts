import {
  CommandRefusedError,
  CommandTimeoutError,
  NoDroverError,
  NoLeaderError,
  ScheduleNotFoundError,
  WorkerNotFoundError,
  type Drover,
} from '@drover/client';
import { connectAtLast } from './connect-at-last.js';
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
  setup: Pick<ClientSetup, 'sessionTimeoutMs' | 'workers' | 'queues'>,
): Promise<void> {
  const drover = await connectAtLast(environment, setup.sessionTimeoutMs);
  const asked = [
    ...setup.workers.map((worker) => () => drover.drain(worker, false)),
    ...setup.queues.map((queue) => () => drover.configureQueue(queue, AS_BEFORE)),
  ];
  await Promise.all(asked.map((ask) => untilDone(ask, environment)));
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
        error instanceof WorkerNotFoundError;
      if (!isPassing) throw error;
    }
    await new Promise<void>((resolve) => runtime.after(500, resolve));
  }
}

import type { Drover } from '@drover/client';
import type { TaskId } from '@drover/core';
import { messageOf } from '@drover/runtime';
import type { DemoTask } from './work.js';

/** A task that was acknowledged, with its end. */
export interface JobTask {
  id: TaskId;
  task: DemoTask;
  outcome: { result: unknown } | { error: string } | null;
}

export interface JobListener {
  /** Called once, when half of the tasks have ended. */
  halfway(): void;
  ended(count: number): void;
}

/** Submits everything, then waits for every single result. A failed task is an outcome, not an exception. */
export async function runJob(drover: Drover, tasks: readonly DemoTask[], listener: JobListener): Promise<JobTask[]> {
  const job: JobTask[] = [];
  const inputs = tasks.map(({ type, payload }) => ({ type, payload }));
  for await (const { id } of drover.submitMany(inputs)) {
    const task = tasks[job.length];
    if (task !== undefined) job.push({ id, task, outcome: null });
  }
  let ended = 0;
  await Promise.all(
    job.map(async (entry) => {
      entry.outcome = await outcomeOf(drover, entry.id);
      listener.ended(++ended);
      if (ended === Math.ceil(job.length / 2)) listener.halfway();
    }),
  );
  return job;
}

async function outcomeOf(drover: Drover, id: TaskId): Promise<JobTask['outcome']> {
  try {
    return { result: await drover.task(id).result() };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

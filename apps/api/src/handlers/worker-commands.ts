import { WorkerNotFoundError, type WorkerView } from '@drover/client';
import type { ApiContext } from '../api-context.js';
import { askedBy, mustSeeAll, param } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';

/** Drains of workers. */
export const workerCommandHandlers: Handlers = {
  drainWorker: (asked, context) => drain(asked, context, true),
  undrainWorker: (asked, context) => drain(asked, context, false),
};

async function drain(asked: Asked, { drover }: ApiContext, on: boolean): Promise<Answer> {
  const name = param(asked, 'name');
  mustSeeAll(asked.caller, `the worker '${name}'`);
  await drover.drain(name, on, askedBy(asked));
  return { status: 200, json: asAsked(await workerNamed(drover.workers(), name), on) };
}

/** The worker tells its state itself, a moment later: the answer shows what it was asked to be. */
const asAsked = (worker: WorkerView, draining: boolean): WorkerView => ({
  ...worker,
  state: draining ? 'draining' : 'accepting',
});

async function workerNamed(reading: Promise<WorkerView[]>, name: string): Promise<WorkerView> {
  const workers = await reading;
  const found = workers.find((worker) => worker.id === name) ?? workers.find((worker) => worker.name === name);
  if (found !== undefined) return found;
  throw new WorkerNotFoundError(
    name,
    workers.map((worker) => worker.name),
  );
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './simulate.js';
import type { WorldOptions } from './world.js';

/** One world to run. */
export type Order = Omit<WorldOptions, 'trace' | 'settings'>;

export interface JobsOptions {
  orders: Iterator<Order, undefined>;
  jobs: number;
  /** Told of each world that has ended. False: enough. */
  ended: (outcome: Outcome) => boolean;
}

/** Sent ahead to each process, so that none waits for the next. */
const AHEAD = 2;
/** Worlds make much garbage that dies young. */
const FLAGS = ['--max-semi-space-size=128', '--single-threaded-gc'];

/** Runs worlds in processes of their own, several at a time. Rejects when one of these processes fails. */
export async function runInJobs({ orders, jobs, ended }: JobsOptions): Promise<void> {
  let isEnough = false;
  const next = (): Order | undefined => (isEnough ? undefined : orders.next().value);
  const told = (outcome: Outcome): void => {
    if (!isEnough) isEnough = !ended(outcome);
  };
  await Promise.all(Array.from({ length: jobs }, () => oneJob(next, told)));
}

async function oneJob(next: () => Order | undefined, ended: (outcome: Outcome) => void): Promise<void> {
  const child = fork(fileURLToPath(new URL('run-seeds.entry.js', import.meta.url)), { execArgv: FLAGS });
  let running = 0;
  const give = (): void => {
    const order = next();
    if (order !== undefined) {
      running++;
      child.send(order);
    } else if (running === 0 && child.connected) child.disconnect();
  };
  child.on('message', (outcome) => {
    running--;
    ended(outcome as Outcome);
    give();
  });
  for (let i = 0; i < AHEAD; i++) give();
  await ofItself(child);
}

/** It ends when it is disconnected. */
async function ofItself(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`a process that ran worlds ended with ${signal ?? String(code)}: run with --jobs 1`);
}

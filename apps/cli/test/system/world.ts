import { connect, type Drover, type FinishedTask } from '@drover/client';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { Cluster, type Effect } from './cluster.js';

export interface World {
  cluster: Cluster;
  drover: Drover;
}

/** A cluster of processes and a client, on a chroot of this test's own. All of it ends with the test. */
export async function world(t: Teardown): Promise<World> {
  const { connect: zk } = await testZooKeeper(t);
  const cluster = await Cluster.in(zk);
  t.teardown(() => cluster.stop());
  const drover = await connect(zk, { onWarning: () => undefined });
  t.teardown(() => drover.close());
  return { cluster, drover };
}

/** `count` tasks of the system tests' own type, each `ms` long. */
export function* work(count: number, ms: number): Generator<{ type: string; payload: { n: number; ms: number } }> {
  for (let n = 0; n < count; n++) yield { type: 'work', payload: { n, ms } };
}

/** Runs `tasks` to their end; calls `progress` after each with how many have ended. */
export async function runAll(
  drover: Drover,
  tasks: Iterable<{ type: string; payload: unknown }>,
  progress: (ended: number) => void = () => undefined,
): Promise<FinishedTask[]> {
  const finished: FinishedTask[] = [];
  for await (const task of drover.run(tasks)) {
    finished.push(task);
    progress(finished.length);
  }
  return finished;
}

/** Starts of each task, by its id. */
export function startsByTask(effects: readonly Effect[]): Map<string, Effect[]> {
  const starts = new Map<string, Effect[]>();
  for (const effect of effects) starts.set(effect.task, [...(starts.get(effect.task) ?? []), effect]);
  return starts;
}

/** Which scheduler leads, by its own log. */
export async function leaderOf<M extends { event(name: string): Promise<unknown> }>(members: readonly M[]): Promise<M> {
  return Promise.any(members.map((member) => member.event('term.began').then(() => member)));
}

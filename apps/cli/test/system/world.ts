import { connect, type Drover, type FinishedTask } from '@drover/client';
import { testZooKeeper, type Teardown } from '@drover/testing';
import type { TestFn } from 'ava';
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

/** One world for all tests of a file: it begins before them, with what `begin` starts, and ends after them. */
export function sharedWorld(test: TestFn, begin: (made: World) => Promise<void>): () => World {
  const undos: (() => void | Promise<void>)[] = [];
  let made: World | undefined;
  test.before(async () => {
    made = await world({ teardown: (undo) => void undos.push(undo) });
    await begin(made);
  });
  test.after.always(async () => {
    for (const undo of undos.reverse()) await undo();
  });
  return () => {
    if (made === undefined) throw new Error('the world has not begun');
    return made;
  };
}

/** Tests that run at the same time meet: when the last of them has arrived, `act` happens, once for all of them. */
export class Meeting {
  readonly #act: () => Promise<void>;
  readonly #missing = new Set<object>();
  #over: Promise<void> | undefined;
  #begin: () => void = () => undefined;
  readonly #begun = new Promise<void>((resolve) => (this.#begin = resolve));

  constructor(act: () => Promise<void>) {
    this.#act = act;
  }

  /** To be called first thing in a test. A test that fails before it arrives does not keep the others waiting. */
  join(t: Teardown): () => Promise<void> {
    const me = {};
    this.#missing.add(me);
    const arrive = async (): Promise<void> => {
      this.#missing.delete(me);
      if (this.#missing.size === 0) this.#begin();
      await this.#begun;
      await (this.#over ??= this.#act());
    };
    t.teardown(arrive);
    return arrive;
  }
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

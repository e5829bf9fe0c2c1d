import type { ClientLimits, Drover } from '@drover/client';
import { Child } from '../child.js';
import { openClient, type ConnectionFlags } from '../ensemble-connection.js';
import type { Place } from '../figures/figure.js';
import { durabilityOf, payload, Tally, type Contender, type Payload, type System } from '../system.js';
import type { CrowdSettings } from './crowd.child.js';
import type { Answers, RoleSettings } from './role.child.js';

/** The built-in type that gives its payload back, so that results can be checked. */
const TYPE = 'echo';

/** Results are read within seconds here, and a server's heap is small. */
const SCHEDULER_FLAGS = { retainTasks: '1000', retainAtLeast: '2s', logLevel: 'error', apiListen: 'off' };
const WORKER_FLAGS = { concurrency: '64', logLevel: 'error' };

/** Workers in one process: their sessions share its one thread. */
const CROWD_PER_PROCESS = 250;

/** Schedulers and workers in processes of their own, as users run them. */
export class DroverProcesses {
  /** The connect string, with a chroot of their own. */
  readonly zk: string;
  readonly connection: ConnectionFlags;
  readonly #children: Child[] = [];

  constructor(zk: string, connection: ConnectionFlags) {
    this.zk = zk;
    this.connection = connection;
  }

  scheduler(id: string, flags: Record<string, string> = {}): Promise<Child> {
    return this.#start('scheduler', { ...SCHEDULER_FLAGS, id, ...flags });
  }

  worker(name: string, flags: Record<string, string> = {}): Promise<Child> {
    return this.#start('worker', { ...WORKER_FLAGS, name, ...flags });
  }

  /** Many workers, in as many processes as they need. Resolves when all of them are there. */
  async crowd(workers: number): Promise<void> {
    const flags = { ...this.connection, zk: this.zk };
    for (let from = 0; from < workers; from += CROWD_PER_PROCESS) {
      const settings: CrowdSettings = { flags, from, workers: Math.min(workers - from, CROWD_PER_PROCESS) };
      this.#children.push(await Child.start('systems/crowd.child.js', settings));
    }
  }

  client(limits?: Partial<ClientLimits>): Promise<Drover> {
    return openClient(this.zk, this.connection, limits);
  }

  /** Workers first: they hand back and unregister while somebody leads. */
  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) await child.stop();
  }

  async #start(role: RoleSettings['role'], flags: Record<string, string>): Promise<Child> {
    const settings: RoleSettings = { role, flags: { ...this.connection, zk: this.zk, ...flags } };
    const child = await Child.start('systems/role.child.js', settings, ['--expose-gc']);
    this.#children.push(child);
    return child;
  }
}

/** Asks the process of a scheduler or worker for a measurement. */
export const measureOf = (child: Child, question: keyof Answers): Promise<number> => child.ask<number>(question);

type DroverOn = Pick<Place, 'serverCount' | 'connection'>;

/** `zk`: the connect string, with a chroot of this run's own. */
export function droverContender(zk: string, { serverCount, connection }: DroverOn): Contender {
  return {
    name: 'Drover',
    durability: durabilityOf(serverCount),
    bulkTasks: { quick: 50_000, full: 500_000 },
    async open() {
      const processes = new DroverProcesses(zk, connection);
      await processes.scheduler('bench');
      await processes.worker('bench');
      const drover = await processes.client();
      return {
        ...systemOf(drover),
        async close() {
          await drover.close();
          await processes.stop();
        },
      };
    },
  };
}

/** `type`: one that gives its payload back. */
export function systemOf(drover: Drover, type = TYPE): Omit<System, 'close'> {
  return {
    async bulk(count) {
      const tally = new Tally(count);
      for await (const task of drover.run(tasks(count, type))) {
        if (task.state !== 'succeeded') throw new Error(`task ${task.id} ended as ${task.state}`);
        tally.result((task.result as Payload).i);
      }
      await tally.done;
    },
    async single() {
      const task = await drover.submit(type, payload(0));
      await task.result();
    },
  };
}

export function* tasks(count: number, type = TYPE): Generator<{ type: string; payload: Payload }> {
  for (let i = 0; i < count; i++) yield { type, payload: payload(i) };
}

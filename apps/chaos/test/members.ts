import { fileURLToPath } from 'node:url';
import { Changes } from '@drover/testing';
import type { Home, Member, Role, System, Told as ToldFault, Topology } from '../src/system.js';
import { ToldProcess, type Line } from './told-process.js';
import { SESSION_MS, startProbe } from './world.js';

const DROVER = fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json')));
const END_API = `--import=${new URL('../src/viewers/end-api-thread.js', import.meta.url).href}`;
const READY: Readonly<Record<Role, string>> = {
  scheduler: 'session.connected',
  worker: 'worker.registered',
  client: 'ready',
  viewers: 'viewers.began',
};

/** A scheduler or worker by Drover's own program; a client is a probe. */
export class TestMember implements Member {
  readonly name: string;
  readonly role: Role;
  readonly home: Home;
  heldBy: string | undefined;
  readonly #onLine: () => void;
  readonly #changes: Changes;
  #process: ToldProcess | undefined;

  constructor(role: Role, name: string, home: Home, changes: Changes) {
    this.name = name;
    this.role = role;
    this.home = home;
    this.#onLine = changes.wake;
    this.#changes = changes;
  }

  /** The one that runs now or ran last. */
  get process(): ToldProcess {
    if (this.#process === undefined) throw new Error(`${this.name} was never started`);
    return this.#process;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get lines(): readonly Line[] {
    return this.#process?.told.all ?? [];
  }

  get sessionId(): string | undefined {
    return this.last('session.connected')?.sessionId;
  }

  last(event: string): Line | undefined {
    return this.lines.filter((line) => line.event === event).at(-1);
  }

  async start(): Promise<void> {
    this.#process = this.#spawn();
  }

  async ready(): Promise<void> {
    await this.process.next(READY[this.role]);
  }

  get apiListens(): boolean {
    return (
      this.lines.findLast(({ event }) => event === 'api.listening' || event === 'api.ended')?.event === 'api.listening'
    );
  }

  async untilApi(listens: boolean): Promise<void> {
    await this.#changes.until(() => this.apiListens === listens);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') this.process.signal(signal);
    else await this.process.end(signal);
  }

  #spawn(): ToldProcess {
    if (this.role === 'client') return startProbe(this.home, this.#onLine);
    const identity = this.role === 'scheduler' ? '--id' : '--name';
    const zk = `${this.home.connectString}/drover`;
    const options = [identity, this.name, '--zk', zk, '--session-timeout', `${SESSION_MS}ms`, '--log-level', 'info'];
    const more =
      this.role === 'scheduler' ? ['--api-listen', this.home.listen, '--api-auth', 'none', '--api-insecure'] : [];
    const args = [END_API, DROVER, this.role, ...options, '--connect-timeout', '1h', ...more];
    return new ToldProcess(this.home, args, this.#onLine);
  }
}

/** Two schedulers, a worker and a client on a topology, and the history that faults wrote. */
export class TestSystem implements System {
  readonly topology: Topology;
  readonly members: TestMember[] = [];
  readonly timings = { sessionTimeoutMs: SESSION_MS, tickMs: 200 };
  readonly told: (ToldFault & { over: boolean })[] = [];
  /** Wakes when a member has logged a line. */
  readonly changes = new Changes();

  private constructor(topology: Topology) {
    this.topology = topology;
  }

  static async start(topology: Topology): Promise<TestSystem> {
    const system = new TestSystem(topology);
    const roles = { s1: 'scheduler', s2: 'scheduler', w1: 'worker', c1: 'client' } as const;
    for (const [name, role] of Object.entries(roles)) {
      const member = new TestMember(role, name, await topology.home(name), system.changes);
      system.members.push(member);
      await member.start();
      await member.ready();
    }
    return system;
  }

  /** The scheduler that logged the latest begin of a term. */
  leader(): TestMember | undefined {
    const beganAt = (member: TestMember) => Date.parse(member.last('term.began')?.time ?? '1970-01-01');
    return this.members.filter((member) => beganAt(member) > 0).sort((a, b) => beganAt(b) - beganAt(a))[0];
  }

  /** Every server serves, every member has a connection, somebody leads. */
  async whole(): Promise<void> {
    await Promise.all(this.topology.servers.map((server) => server.ready()));
    await Promise.all(this.members.map((member) => member.ready()));
    await this.changes.until(() => this.leader() !== undefined && this.members.every(isConnected));
  }

  take(fault: string, members: readonly Member[]): () => void {
    const taken = this.members.filter((member) => members.includes(member));
    for (const member of taken) member.heldBy = fault;
    return () => {
      for (const member of taken) member.heldBy = undefined;
    };
  }

  tell(fault: ToldFault): () => void {
    const line = { ...fault, over: false };
    this.told.push(line);
    return () => void (line.over = true);
  }
}

function isConnected(member: TestMember): boolean {
  const last = member.lines.filter(({ event }) => event?.startsWith('session.')).at(-1);
  return last?.event === 'session.connected';
}

import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Changes } from '@drover/testing';
import type { Home, Member, Role } from '../system.js';
import { parseLogLine, type LogLine } from './log-line.js';

/** The event that each role logs when it is ready. */
const READY: Readonly<Record<Role, string>> = {
  scheduler: 'session.connected',
  worker: 'worker.registered',
  client: 'client.connected',
  viewers: 'viewers.began',
};

export interface MemberOptions {
  name: string;
  role: Role;
  home: Home;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** The log file of all processes that the member starts one after the other. */
  logPath: string;
  onLine: (member: MemberProcess, line: LogLine) => void;
  /** Called when the process has ended without being told to. */
  onUnexpectedEnd: (member: MemberProcess, how: string) => void;
}

/** A process of the system under test, in its home, observed through the lines that it logs. */
export class MemberProcess implements Member {
  readonly name: string;
  readonly role: Role;
  readonly home: Home;
  heldBy: string | undefined;
  readonly #options: MemberOptions;
  readonly #log: WriteStream;
  /** The process that runs and was not told to end. */
  #child: ChildProcess | undefined;
  #last: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #sessionId: string | undefined;
  #ready: Promise<void> = Promise.resolve();
  #sayReady: () => void = () => undefined;
  #apiListens = false;
  readonly #changes = new Changes();

  constructor(options: MemberOptions) {
    this.#options = options;
    this.name = options.name;
    this.role = options.role;
    this.home = options.home;
    this.#log = createWriteStream(options.logPath, { flags: 'a' });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.name} runs already, as process ${this.#child.pid}`);
    const { command, args, env } = this.#options;
    const child = this.home.spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#last = child;
    this.#ready = new Promise((resolve) => (this.#sayReady = resolve));
    this.#exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      this.#ended(child, signal === null ? `exit code ${code ?? '?'}` : `${signal ?? '?'}`);
    });
    // Rejects if the program cannot be started.
    await once(child, 'spawn');
    if (child.stderr === null) throw new Error(`${this.name} has no stderr`);
    createInterface({ input: child.stderr }).on('line', (text) => {
      this.#line(text);
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  get apiListens(): boolean {
    return this.#apiListens;
  }

  async untilApi(listens: boolean): Promise<void> {
    const child = this.#child;
    await this.#changes.until(() => this.#apiListens === listens || this.#child !== child);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return;
    }
    // From here on the end of the process is expected.
    this.#child = undefined;
    child.kill(signal);
    await this.#exited;
  }

  /** SIGKILL, also for a process that was told to stop and still runs. */
  async kill(): Promise<void> {
    this.#child = undefined;
    this.#last?.kill('SIGKILL');
    await this.#exited;
  }

  #ended(child: ChildProcess, how: string): void {
    this.#sayReady();
    this.#apiSaid(false);
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#options.onUnexpectedEnd(this, how);
  }

  #line(text: string): void {
    this.#log.write(`${text}\n`);
    const line = parseLogLine(text);
    if (line.event === 'session.connected') this.#sessionId = String(line.sessionId);
    if (line.event === 'api.listening' || line.event === 'api.ended') this.#apiSaid(line.event === 'api.listening');
    if (line.event === READY[this.role]) this.#sayReady();
    this.#options.onLine(this, line);
  }

  #apiSaid(listens: boolean): void {
    this.#apiListens = listens;
    this.#changes.wake();
  }
}

import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Home, Member, Role } from '../system.js';
import { parseLogLine, type LogLine } from './log-line.js';

/** What each says when it takes part. */
const READY: Readonly<Record<Role, string>> = {
  scheduler: 'session.connected',
  worker: 'worker.registered',
  client: 'client.connected',
};

export interface MemberOptions {
  name: string;
  role: Role;
  home: Home;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** All its lives log into this file. */
  logPath: string;
  onLine: (member: MemberProcess, line: LogLine) => void;
  /** It has ended, and nobody had told it to. */
  onUnexpectedEnd: (member: MemberProcess, how: string) => void;
}

/** A process of the system under test, in its home, watched by what it logs. */
export class MemberProcess implements Member {
  readonly name: string;
  readonly role: Role;
  readonly home: Home;
  heldBy: string | undefined;
  readonly #options: MemberOptions;
  readonly #log: WriteStream;
  /** Runs, and nobody has told it to end. */
  #child: ChildProcess | undefined;
  #last: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #sessionId: string | undefined;
  #ready: Promise<void> = Promise.resolve();
  #sayReady: () => void = () => undefined;

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
    // A program that cannot be started says so before it would end.
    await once(child, 'spawn');
    if (child.stderr === null) throw new Error(`${this.name} has no stderr`);
    createInterface({ input: child.stderr }).on('line', (text) => {
      this.#line(text);
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return;
    }
    // From here on its end is expected.
    this.#child = undefined;
    child.kill(signal);
    await this.#exited;
  }

  /** SIGKILL, also where it was told to stop and does not. */
  async kill(): Promise<void> {
    this.#child = undefined;
    this.#last?.kill('SIGKILL');
    await this.#exited;
  }

  #ended(child: ChildProcess, how: string): void {
    this.#sayReady();
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#options.onUnexpectedEnd(this, how);
  }

  #line(text: string): void {
    this.#log.write(`${text}\n`);
    const line = parseLogLine(text);
    if (line.event === 'session.connected') this.#sessionId = String(line.sessionId);
    if (line.event === READY[this.role]) this.#sayReady();
    this.#options.onLine(this, line);
  }
}

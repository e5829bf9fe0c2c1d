import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { unpackRelease } from './release.js';

/**
 * A Drover of real processes: each scheduler and worker is the real `drover` program, watched through the log lines
 * that it writes to stderr. Nothing here waits for time to pass: every wait is for a log line or for the end of a
 * process.
 */
const bin = fileURLToPath(new URL('../../../bin/drover.js', import.meta.url));
const handlers = fileURLToPath(new URL('../../../test/system/handlers.mjs', import.meta.url));
/** Handlers of steps, which their payloads tell what to do. */
const steps = fileURLToPath(new URL('../../../test/system/steps.mjs', import.meta.url));

/** Handlers of tasks with resources. */
const placed = fileURLToPath(new URL('../../../test/system/placed.mjs', import.meta.url));

/** The resources of a worker, as people write them, `slots` among them, and its labels. */
export interface Place {
  has: Readonly<Record<string, number>>;
  labels: Readonly<Record<string, string>>;
}

export interface LogLine {
  event?: string;
  msg?: string;
  [field: string]: unknown;
}

/** One `drover` process. */
export class Member {
  readonly lines: LogLine[] = [];
  readonly name: string;
  readonly exited: Promise<unknown>;
  #output = '';
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(name: string, program: string, args: string[], environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.#child = spawn(process.execPath, [program, ...args], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.exited = once(this.#child, 'exit').then(() => {
      for (const check of this.#waiting) check();
    });
    const { stderr } = this.#child;
    if (stderr === null) throw new Error('no stderr');
    createInterface({ input: stderr }).on('line', (line) => {
      this.#line(line);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the first line from `since` on that is `event` and passes `where`; rejects when the process ends. */
  event(event: string, since = 0, where: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.lines.slice(since).find((line) => line.event === event && where(line));
        if (found === undefined && this.alive) return;
        this.#waiting.delete(check);
        if (found !== undefined) resolve(found);
        else reject(new Error(`${this.name} ended before '${event}':\n${this.#output.slice(-2_000)}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.alive) this.#child.kill(signal);
    if (signal === 'SIGKILL') this.#child.kill('SIGCONT');
    await this.exited;
  }

  #line(text: string): void {
    this.#output += `${text}\n`;
    try {
      this.lines.push(JSON.parse(text) as LogLine);
    } catch {
      this.lines.push({ msg: text });
    }
    for (const check of this.#waiting) check();
  }
}

/** Starts processes of an earlier release beside those of this one. */
export interface Release {
  scheduler(id: string, ...flags: string[]): Member;
  worker(name: string, ...flags: string[]): Member;
  run(args: string[], input?: string): Promise<unknown[]>;
}

/** A line that a handler wrote: one for each start of a task. */
export interface Effect {
  task: string;
  attempt: number;
  token: string;
  worker: string;
  n: number;
}

/** One for each start of a step by the handlers of `steps.mjs`. */
export interface StepEffect extends Omit<Effect, 'n'> {
  run: string;
  step: string;
  /** Of a map or a reduce. */
  item?: number;
  generation: number;
  payload: Readonly<Record<string, unknown>>;
}

export class Cluster {
  readonly members: Member[] = [];
  readonly folder: string;
  readonly zk: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(zk: string, folder: string) {
    this.zk = zk;
    this.folder = folder;
    this.#environment = {
      ...process.env,
      ...{ DROVER_ZK: zk, DROVER_API_LISTEN: 'off', DROVER_TEST_EFFECTS: path.join(folder, 'effects.ndjson') },
    };
  }

  static async in(zk: string): Promise<Cluster> {
    const folder = await mkdtemp(path.join(tmpdir(), 'drover-system-'));
    await writeFile(path.join(folder, 'effects.ndjson'), '');
    return new Cluster(zk, folder);
  }

  scheduler(id: string, ...flags: string[]): Member {
    return this.#member(id, bin, ['scheduler', '--id', id, ...flags]);
  }

  worker(name: string, ...flags: string[]): Member {
    return this.#member(name, bin, ['worker', '--name', name, '--handlers', handlers, ...flags]);
  }

  /** A worker for the steps of flows, with the handlers of `steps.mjs`. */
  flowWorker(name: string, ...flags: string[]): Member {
    return this.#member(name, bin, ['worker', '--name', name, '--handlers', steps, ...flags]);
  }

  /** A worker with these resources and labels, with the handlers of `placed.mjs`. */
  placedWorker(name: string, place: Place, ...flags: string[]): Member {
    const { slots = 1, ...resources } = place.has;
    const pairs = (of: Place['labels'] | Place['has']): string =>
      Object.entries(of)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
    const args = ['worker', '--name', name, '--handlers', placed, '--concurrency', String(slots), ...flags];
    const declares = Object.keys(resources).length === 0 ? [] : ['--resources', pairs(resources)];
    return this.#member(name, bin, [...args, ...declares, '--labels', pairs(place.labels)], {
      DROVER_TEST_WORKER: JSON.stringify(place),
    });
  }

  /** The packed release `commit` (`releases/<commit>.json.br`). */
  async release(commit: string): Promise<Release> {
    const program = await unpackRelease(commit, path.join(this.folder, commit));
    return {
      scheduler: (id, ...flags) => this.#member(id, program, ['scheduler', '--id', id, ...flags]),
      worker: (name, ...flags) =>
        this.#member(name, program, ['worker', '--name', name, '--handlers', handlers, ...flags]),
      run: (args, input = '') => this.#run(program, args, input),
    };
  }

  effects(): Promise<Effect[]> {
    return this.#lines<Effect>();
  }

  stepEffects(): Promise<StepEffect[]> {
    return this.#lines<StepEffect>();
  }

  async #lines<Line>(): Promise<Line[]> {
    const text = await readFile(path.join(this.folder, 'effects.ndjson'), 'utf8');
    // The last line may be half written.
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  }

  member(name: string): Member {
    const found = this.members.find((member) => member.name === name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  }

  /** Resolves when the handlers have started `count` tasks. */
  effectsReach(count: number): Promise<void> {
    return this.#linesReach((lines) => lines.length >= count);
  }

  /** Resolves when the handlers have started steps that `isEnough` accepts. */
  stepsReach(isEnough: (effects: StepEffect[]) => boolean): Promise<void> {
    return this.#linesReach(isEnough);
  }

  async #linesReach<Line>(isEnough: (lines: Line[]) => boolean): Promise<void> {
    const changes = new EventEmitter();
    const watcher = watch(this.folder, () => changes.emit('change'));
    try {
      for (;;) {
        const changed = once(changes, 'change');
        if (isEnough(await this.#lines<Line>())) return;
        await changed;
      }
    } finally {
      watcher.close();
    }
  }

  /** Resolves after `ms`: a test fails if this comes before the event that it waits for. */
  async sessionTimeout(ms: number): Promise<string> {
    await delay(ms, undefined, { ref: false });
    return 'session timeout';
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.end()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command to its end: the JSON values that it printed, a line each. Rejects if the command failed. */
  async #run(program: string, args: string[], input: string): Promise<unknown[]> {
    const child = spawn(process.execPath, [program, ...args, '--json'], { env: this.#environment });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr.slice(-2_000)}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  }

  #member(name: string, program: string, args: string[], more: NodeJS.ProcessEnv = {}): Member {
    const environment = { ...this.#environment, ...more };
    const member = new Member(name, program, [...args, '--log-level', 'info'], environment);
    this.members.push(member);
    return member;
  }
}

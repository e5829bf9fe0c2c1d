import { openSync, closeSync, fstatSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawnGuarded, type GuardedProcess } from '@drover/embedded';
import type { Runtime } from '@drover/runtime';

/** The program that this code belongs to. */
const DROVER = fileURLToPath(new URL('../../../bin/drover.js', import.meta.url));
/** Node with the options of this process, such as `--import tsx`, but without those of a debugger. */
export const NODE: readonly string[] = [
  process.execPath,
  ...process.execArgv.filter((option) => !option.startsWith('--inspect')),
];
const STOP_TIMEOUT_MS = 15_000;
const LOG_TAIL_BYTES = 4_096;

export type Role = 'scheduler' | 'worker';

/** A scheduler or a worker: a process of its own that cannot outlive this one, its log in a file. */
export interface Member {
  readonly role: Role;
  readonly name: string;
  readonly logPath: string;
  readonly pid: number;
  /** Settles when the process has ended: its exit code, 128 + signal. Never rejects. */
  readonly exited: Promise<number>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after a while. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface MemberOptions {
  role: Role;
  name: string;
  /** Arguments behind the role on the command line. */
  args: readonly string[];
  logPath: string;
  env: NodeJS.ProcessEnv;
  runtime: Runtime;
}

export async function startMember({ role, name, args, logPath, env, runtime }: MemberOptions): Promise<Member> {
  const identity = [role === 'scheduler' ? '--id' : '--name', name];
  const guarded = await spawnGuarded([...NODE, DROVER, role, ...identity, ...args], logPath, env);
  return {
    role,
    name,
    logPath,
    pid: guarded.pid,
    exited: guarded.exited,
    signal: (signal) => guarded.signal(signal),
    stop: () => stopOrderly(guarded, runtime),
  };
}

async function stopOrderly(process: GuardedProcess, runtime: Runtime): Promise<void> {
  process.signal('SIGTERM');
  process.signal('SIGCONT');
  const impatience = runtime.after(STOP_TIMEOUT_MS, () => process.signal('SIGKILL'));
  await process.exited;
  impatience.cancel();
}

/** The last lines that it wrote, for error messages. */
export function logTail(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, LOG_TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trim();
  } finally {
    closeSync(file);
  }
}

/**
 * The environment that a separate cluster gives to its processes: nothing that leads to another ZooKeeper, its
 * credentials or its TLS (`DROVER_ZK...`, and a settings file, which may hold the same). Other settings of the
 * environment hold. Pure.
 */
export function isolated(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^DROVER_(ZK(_.*)?|CONFIG)$/.test(name)));
}

import type { Amounts } from '@drover/core';
import { cpuMsOfGroup, fieldOf, memoryOfGroup, namesIn, readBounds, readOf, type KernelFolders } from './cgroup.js';

/** The time and memory that the processes of a worker take. */
export interface MachineUse {
  /** Processor time since some moment in the past, in milliseconds. */
  cpuMs: number;
  /** Bytes, without what the kernel may take back. */
  memory: number;
}

/** The way to ask this process. Tests give numbers. */
export interface OwnUse {
  cpuMs: () => number;
  memory: () => number;
}

export const thisProcess: OwnUse = {
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  memory: () => process.memoryUsage.rss(),
};

/** The kernel counts times of processes in hundredths of a second, whatever its own clock is. */
const TICK_MS = 10;

/**
 * Of the control group of this process where that is bounded, for then it is the worker's own, as in a container. A group without
 * a bound may be that of a whole machine or of a session of a user: then of this process and of those that it has started.
 */
export function useOf(folders: KernelFolders, own: OwnUse): MachineUse {
  const bounds = readBounds(folders);
  const started = startedBy(folders.proc);
  return {
    cpuMs: (bounds.cpu === null ? null : cpuMsOfGroup(folders)) ?? own.cpuMs() + started.cpuMs,
    memory: (bounds.memory === null ? null : memoryOfGroup(folders)) ?? own.memory() + started.memory,
  };
}

/** Processes that this one has started, with theirs; those that have ended count their time. Nothing where there is no `/proc`. */
function startedBy(proc: string): MachineUse {
  const use = { cpuMs: endedTicks(proc, 'self') * TICK_MS, memory: 0 };
  const left = childrenOf(proc, 'self');
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    use.cpuMs += (runTicks(proc, pid) + endedTicks(proc, pid)) * TICK_MS;
    use.memory += (fieldOf(readOf(proc, pid, 'status'), 'VmRSS:') ?? 0) * 1_024;
    left.push(...childrenOf(proc, pid));
  }
  return use;
}

/** Each thread has children of its own. */
function childrenOf(proc: string, pid: string): string[] {
  const threads = namesIn(proc, pid, 'task');
  const of = (thread: string): string => readOf(proc, pid, 'task', thread, 'children') ?? '';
  return threads.flatMap((thread) => of(thread).split(/\s+/).filter(Boolean));
}

/** Fields of `/proc/<pid>/stat` behind the name, which may have anything in it. */
function statOf(proc: string, pid: string): string[] {
  const text = readOf(proc, pid, 'stat') ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const sumOf = (fields: readonly string[], at: number): number => Number(fields[at] ?? 0) + Number(fields[at + 1] ?? 0);
/** By itself, in user mode and in the kernel. */
const runTicks = (proc: string, pid: string): number => sumOf(statOf(proc, pid), 11);
/** By those that it has started and that have ended. */
const endedTicks = (proc: string, pid: string): number => sumOf(statOf(proc, pid), 13);

/** Shorter times tell little of processors: what was found before stands. */
const LEAST_MS = 1_000;

/** Tells what a worker uses of the resources that it declares: memory as of now, processors on average since it was asked before. */
export class UseMeter {
  readonly #use: () => MachineUse;
  readonly #nowMs: () => number;
  #last: { atMs: number; cpuMs: number } | null = null;
  #cpu: number | null = null;

  /** `nowMs`: monotonic. */
  constructor(use: () => MachineUse, nowMs: () => number) {
    this.#use = use;
    this.#nowMs = nowMs;
  }

  /** Thousandths of processors, and bytes; of what `declared` names alone. `undefined`: there is nothing to tell. */
  look(declared: Amounts): Amounts | undefined {
    if (declared.cpu === undefined && declared.memory === undefined) return undefined;
    const { cpuMs, memory } = this.#use();
    const atMs = this.#nowMs();
    const ms = this.#last === null ? Infinity : atMs - this.#last.atMs;
    if (this.#last !== null && ms >= LEAST_MS)
      this.#cpu = Math.max(0, Math.round(((cpuMs - this.#last.cpuMs) / ms) * 1_000));
    if (ms >= LEAST_MS) this.#last = { atMs, cpuMs };
    return {
      ...(declared.cpu !== undefined && this.#cpu !== null && { cpu: this.#cpu }),
      ...(declared.memory !== undefined && { memory: Math.max(0, Math.round(memory)) }),
    };
  }
}

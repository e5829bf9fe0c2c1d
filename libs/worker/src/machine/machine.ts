import { availableParallelism, loadavg, totalmem } from 'node:os';
import { fieldOf, groupFolders, memoryOfGroup, readBounds, readOf, type KernelFolders } from './cgroup.js';
import { thisProcess, useOf, type MachineUse } from './use.js';

/** The state of the machine at a moment, as far as it can be told: each from 0, `null` where it cannot. */
export interface MachineLoad {
  /** Memory in use of what this process may have, without what the kernel may take back; 1 is all of it. */
  memory: number | null;
  /** The part of the last ten seconds in which somebody waited for memory; 1 is all of it. */
  stalled: number | null;
  /** Load average of a minute. */
  load: number | null;
}

/** The machine as a worker sees it. */
export interface Machine {
  /** Thousandths of a processor, and bytes: of the control group, else of the machine. */
  capacity(): { cpu: number; memory: number };
  load(): MachineLoad;
  /** The time and memory that this process and those that it has started take. */
  use(): MachineUse;
}

const KERNEL: KernelFolders = { cgroup: '/sys/fs/cgroup', proc: '/proc' };

/** The machine that this process runs at. `whole`: what it has without any bound; `own`: what this process takes. */
export function thisMachine(folders: KernelFolders = KERNEL, whole = wholeMachine, own = thisProcess): Machine {
  const capacity = (): { cpu: number; memory: number } => {
    const bounds = readBounds(folders);
    const { cpu, memory } = whole();
    return { cpu: Math.min(cpu, bounds.cpu ?? cpu), memory: Math.min(memory, bounds.memory ?? memory) };
  };
  return {
    capacity,
    load: () => ({
      memory: memoryUse(folders, capacity().memory),
      stalled: stalledPart(folders),
      load: loadOf(readOf(folders.proc, 'loadavg')),
    }),
    use: () => useOf(folders, own),
  };
}

const wholeMachine = (): { cpu: number; memory: number } => ({
  cpu: availableParallelism() * 1_000,
  memory: totalmem(),
});

/** Of its control group where that is bounded by memory, else of the machine. */
function memoryUse(folders: KernelFolders, capacity: number): number | null {
  if (readBounds(folders).memory === null) return machineUse(readOf(folders.proc, 'meminfo'));
  const used = memoryOfGroup(folders);
  return used === null ? null : used / capacity;
}

function machineUse(meminfo: string | null): number | null {
  const [total, available] = [fieldOf(meminfo, 'MemTotal:'), fieldOf(meminfo, 'MemAvailable:')];
  return total === null || available === null ? null : 1 - available / total;
}

/** `some avg10=1.50 avg60=...`: percentages. */
function stalledPart(folders: KernelFolders): number | null {
  const [own] = groupFolders(folders, '');
  const text =
    (own === undefined ? null : readOf(own, 'memory.pressure')) ?? readOf(folders.proc, 'pressure', 'memory');
  const average = /^some avg10=([\d.]+)/m.exec(text ?? '');
  return average === null ? null : Number(average[1]) / 100;
}

const loadOf = (text: string | null): number | null =>
  text === null ? (loadavg()[0] ?? null) : Number(text.split(' ')[0]);

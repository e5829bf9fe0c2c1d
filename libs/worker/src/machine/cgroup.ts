import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folders in which the kernel tells of this process. Tests give folders of files. */
export interface KernelFolders {
  /** `/sys/fs/cgroup` */
  cgroup: string;
  /** `/proc` */
  proc: string;
}

/** Bounds of the control group of this process. `null`: it has none. */
export interface CgroupBounds {
  /** Thousandths of a processor. */
  cpu: number | null;
  /** Bytes. */
  memory: number | null;
}

/** The text of a file of the kernel; `null`: there is none, or it may not be read. */
export function readOf(...path: string[]): string | null {
  try {
    return readFileSync(join(...path), 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * The folders of this process's group and of those around it, the innermost first: each of them may bound it.
 * `controller`: of version 1; `''` is version 2. Inside of a container the path that `/proc` tells may not be there: then
 * the folder that is mounted is its own.
 */
export function groupFolders({ cgroup, proc }: KernelFolders, controller: string): string[] {
  const lines = (readOf(proc, 'self', 'cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const line = lines.find(([, names = '']) =>
    controller === '' ? names === '' : names.split(',').includes(controller),
  );
  if (line === undefined) return [];
  const [, names = '', path = '/'] = line;
  const roots = controller === '' ? ['', 'unified'] : [names, controller];
  const root = roots.map((each) => join(cgroup, each)).find((each) => existsSync(each));
  if (root === undefined) return [];
  const folders: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const folder = join(root, at);
    if (existsSync(folder)) folders.push(folder);
    if (at === '/' || at === '.') return folders;
  }
}

/** The least that a group around this process allows, of version 2 and of version 1: both may be there at a time. */
export function readBounds(folders: KernelFolders): CgroupBounds {
  return {
    cpu: least([
      ...groupFolders(folders, '').map((folder) => cpuOfMax(readOf(folder, 'cpu.max'))),
      ...groupFolders(folders, 'cpu').map((folder) =>
        cpuOf(readOf(folder, 'cpu.cfs_quota_us'), readOf(folder, 'cpu.cfs_period_us')),
      ),
    ]),
    memory: least([
      ...groupFolders(folders, '').map((folder) => bytesOf(readOf(folder, 'memory.max'))),
      ...groupFolders(folders, 'memory').map((folder) => bytesOf(readOf(folder, 'memory.limit_in_bytes'))),
    ]),
  };
}

/** `50000 100000` is half a processor, `max 100000` no bound. */
function cpuOfMax(text: string | null): number | null {
  const [quota = '', period = ''] = (text ?? '').split(/\s+/);
  return cpuOf(quota, period);
}

function cpuOf(quota: string | null, period: string | null): number | null {
  const share = (Number(quota) / Number(period)) * 1_000;
  return quota !== null && quota !== '' && share >= 1 && Number.isFinite(share) ? Math.floor(share) : null;
}

/** `max`, and what is beyond any memory (version 1 says so), is no bound. */
function bytesOf(text: string | null): number | null {
  const bytes = text === null || text === '' ? NaN : Number(text);
  return bytes > 0 && bytes < BEYOND ? bytes : null;
}
const BEYOND = 2 ** 53;

function least(bounds: readonly (number | null)[]): number | null {
  const found = bounds.filter((bound) => bound !== null);
  return found.length === 0 ? null : Math.min(...found);
}

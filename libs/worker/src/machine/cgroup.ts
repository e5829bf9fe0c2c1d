import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** The names in a folder of the kernel; none where it is not there. */
export function namesIn(...path: string[]): string[] {
  try {
    return readdirSync(join(...path));
  } catch {
    return [];
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

/** Bytes that the innermost group uses, of version 2 or 1; `null`: nobody tells. */
export function memoryOfGroup(folders: KernelFolders): number | null {
  const [v2] = groupFolders(folders, '');
  const [v1] = groupFolders(folders, 'memory');
  return usedIn(v2, 'memory.current', 'inactive_file') ?? usedIn(v1, 'memory.usage_in_bytes', 'total_inactive_file');
}

/** Milliseconds of processors that the innermost group has used, of version 2 or 1; `null`: nobody tells. */
export function cpuMsOfGroup(folders: KernelFolders): number | null {
  const [v2] = groupFolders(folders, '');
  const [v1] = groupFolders(folders, 'cpuacct');
  const micros = v2 === undefined ? null : fieldOf(readOf(v2, 'cpu.stat'), 'usage_usec');
  if (micros !== null) return micros / 1_000;
  const nanos = v1 === undefined ? null : readOf(v1, 'cpuacct.usage');
  return nanos === null ? null : Number(nanos) / 1e6;
}

/** Pages of files that nobody has used of late can be had at once: they do not count. */
function usedIn(folder: string | undefined, file: string, reclaimable: string): number | null {
  const text = folder === undefined ? null : readOf(folder, file);
  if (folder === undefined || text === null) return null;
  return Math.max(0, Number(text) - (fieldOf(readOf(folder, 'memory.stat'), reclaimable) ?? 0));
}

/** The number that follows a name in a list of lines. */
export function fieldOf(text: string | null, name: string): number | null {
  const line = text?.split('\n').find((each) => each.startsWith(name) && /\s/.test(each.charAt(name.length)));
  return line === undefined ? null : Number(line.slice(name.length).trim().split(' ')[0]);
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

import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const OWNER = 'pid';
const OURS = /^(dev|demo)-/;

/**
 * The folder of a cluster's data and logs. It is removed with this process: by `remove`, or when the process exits. If
 * the process is killed, the next process that makes such a folder removes it.
 */
export class ClusterFolder {
  readonly path: string;
  readonly #keep: boolean;
  readonly #atExit: () => void;

  private constructor(path: string, keep: boolean, beforeExit: () => void) {
    this.path = path;
    this.#keep = keep;
    this.#atExit = () => {
      beforeExit();
      if (!keep) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    };
    process.on('exit', this.#atExit);
  }

  /** `beforeExit` must kill the processes that still write into the folder. */
  static async make(
    path: string,
    { keep, beforeExit }: { keep: boolean; beforeExit: () => void },
  ): Promise<ClusterFolder> {
    const folder = new ClusterFolder(resolve(path), keep, beforeExit);
    await removeAbandoned(dirname(folder.path));
    await mkdir(join(folder.path, 'logs'), { recursive: true });
    if (!keep) await writeFile(join(folder.path, OWNER), String(process.pid));
    return folder;
  }

  /** Call it when no process writes into the folder any more. */
  async remove(): Promise<void> {
    process.off('exit', this.#atExit);
    if (!this.#keep) await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes folders whose process was killed. A folder that is to be kept names no process. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => OURS.test(each))) {
    const owner = await readFile(join(parent, name, OWNER), 'utf8').catch(() => '');
    if (/^\d+$/.test(owner) && !isAlive(Number(owner)))
      await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

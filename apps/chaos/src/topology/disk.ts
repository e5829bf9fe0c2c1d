import { mkdir, rm } from 'node:fs/promises';
import type { Namespace } from './namespaces/namespace.js';
import { runProgram } from './run-program.js';

/** Size of the file system. Its file is sparse: only the blocks that are written take room. */
const SIZE = '8G';

/**
 * A file system of its own for the data of one server: ext4 in a file, mounted in the server's mount namespace alone,
 * so that the mount and its loop device vanish with the namespace.
 */
export class Disk {
  readonly #namespace: Namespace;
  readonly #folder: string;

  private constructor(namespace: Namespace, folder: string) {
    this.#namespace = namespace;
    this.#folder = folder;
  }

  /** Mounts it over `<dataDir>/data` and writes the server's id there. Throws if the system does not allow it. */
  static async mount(namespace: Namespace, dataDir: string, memberId: number): Promise<Disk> {
    const image = `${dataDir}/disk.img`;
    const folder = `${dataDir}/data`;
    await mkdir(folder, { recursive: true });
    try {
      await runProgram(['truncate', `--size=${SIZE}`, image]);
      // No blocks are reserved for root, so that the disk can be filled.
      await runProgram(['mkfs.ext4', '-q', '-m', '0', image]);
      await namespace.run(['mount', '-o', 'loop', image, folder]);
      await namespace.run(['sh', '-c', `echo ${memberId} > "$1/myid"`, 'sh', folder]);
    } finally {
      // A mount keeps the removed file alive; if mounting failed, the file is of no use.
      await rm(image, { force: true });
    }
    return new Disk(namespace, folder);
  }

  /** Fills the disk: from now on the server's writes find no space. */
  async fill(): Promise<void> {
    // `fallocate` takes most of the space at once, `dd` the rest.
    const fill = 'fallocate --length 9G "$1" 2>/dev/null; dd if=/dev/zero of="$1.rest" bs=4k 2>&1 | grep -q "No space"';
    await this.#namespace.run(['sh', '-c', fill, 'sh', `${this.#folder}/filler`]);
  }

  async free(): Promise<void> {
    await this.#namespace.run(['rm', '-f', `${this.#folder}/filler`, `${this.#folder}/filler.rest`]);
  }

  /** Unmounts the disk. No process may use it any more. */
  async unmount(): Promise<void> {
    await this.#namespace.run(['umount', this.#folder]);
  }
}

import { mkdir, rm } from 'node:fs/promises';
import type { Namespace } from './namespaces/namespace.js';
import { runProgram } from './run-program.js';

/** What is not written takes no room: the file is sparse. */
const SIZE = '8G';

/**
 * A file system of its own for the data of one server: ext4 in a file, mounted in the server's mount namespace alone, so
 * that the mount and its loop device vanish with the namespace.
 */
export class Disk {
  readonly #namespace: Namespace;
  readonly #folder: string;

  private constructor(namespace: Namespace, folder: string) {
    this.#namespace = namespace;
    this.#folder = folder;
  }

  /** Over `<dataDir>/data`, where the server finds its id. Throws what the system says where it does not allow it. */
  static async mount(namespace: Namespace, dataDir: string, memberId: number): Promise<Disk> {
    const image = `${dataDir}/disk.img`;
    const folder = `${dataDir}/data`;
    await mkdir(folder, { recursive: true });
    try {
      await runProgram(['truncate', `--size=${SIZE}`, image]);
      // Nothing is kept back for root: full is full.
      await runProgram(['mkfs.ext4', '-q', '-m', '0', image]);
      await namespace.run(['mount', '-o', 'loop', image, folder]);
      await namespace.run(['sh', '-c', `echo ${memberId} > "$1/myid"`, 'sh', folder]);
    } finally {
      // The mount keeps what is in it; without one it is of no use.
      await rm(image, { force: true });
    }
    return new Disk(namespace, folder);
  }

  /** From now on the server finds no space. */
  async fill(): Promise<void> {
    // The large part at once, then what that could not take.
    const fill = 'fallocate --length 9G "$1" 2>/dev/null; dd if=/dev/zero of="$1.rest" bs=4k 2>&1 | grep -q "No space"';
    await this.#namespace.run(['sh', '-c', fill, 'sh', `${this.#folder}/filler`]);
  }

  async free(): Promise<void> {
    await this.#namespace.run(['rm', '-f', `${this.#folder}/filler`, `${this.#folder}/filler.rest`]);
  }

  /** No process may use it any more. */
  async unmount(): Promise<void> {
    await this.#namespace.run(['umount', this.#folder]);
  }
}

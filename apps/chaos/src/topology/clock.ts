import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';

/** How often libfaketime looks whether the clock was moved. */
const LOOKS_EVERY_S = 1;

/**
 * The wall clock of the processes of one home, which libfaketime shows them: moved while they run, by a file that it
 * reads again and again. Their monotonic clock stays the machine's.
 */
export class Clock {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  private constructor(library: string, file: string) {
    this.#file = file;
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: String(LOOKS_EVERY_S),
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  static async create(library: string, file: string): Promise<Clock> {
    const clock = new Clock(library, file);
    await clock.jump(0);
    return clock;
  }

  /** Sets the difference from the machine's clock, forward or back; 0: none. Processes see it within a second. */
  jump(byMs: number): Promise<void> {
    const seconds = byMs / 1_000;
    return writeFile(this.#file, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  }

  close(): Promise<void> {
    return rm(this.#file, { force: true });
  }
}

/** The path of libfaketime in the usual folders of Debian and others; `undefined`: it is not installed. */
export async function findFakeTime(): Promise<string | undefined> {
  const folders = ['/usr/lib/faketime', '/usr/local/lib/faketime', '/usr/lib64/faketime'];
  const names = await readdir('/usr/lib').catch(() => []);
  const byArchitecture = names.filter((name) => name.includes('-linux-')).map((name) => `/usr/lib/${name}/faketime`);
  return [...byArchitecture, ...folders].map((folder) => `${folder}/libfaketimeMT.so.1`).find(existsSync);
}

import { open, type FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Runtime } from '@drover/runtime';

const PERIOD_MS = 100;
const CHUNK_BYTES = 64 * 1024;

interface Followed {
  name: string;
  file: FileHandle;
  decoder: StringDecoder;
  rest: string;
  /** The time of its last line that has one: lines without a time belong behind that line. */
  at: number;
}

interface Held {
  at: number;
  name: string;
  line: string;
}

/**
 * Follows the logs of several processes and gives out their lines in the order of their time. Each line is held for one
 * period, so that earlier lines of the other processes are read by then.
 */
export class MergedLogs {
  readonly #runtime: Runtime;
  readonly #onLine: (name: string, line: string) => void;
  readonly #followed: Followed[] = [];
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #held: Held[] = [];
  #lookedAt = 0;
  #reading = Promise.resolve();
  readonly #stop: () => void;

  constructor(runtime: Runtime, onLine: (name: string, line: string) => void) {
    this.#runtime = runtime;
    this.#onLine = onLine;
    const timer = runtime.every(PERIOD_MS, () => {
      this.#reading = this.#reading.then(() => this.#look());
    });
    this.#stop = () => timer.cancel();
  }

  /** Follows a log from its beginning. */
  async follow(name: string, path: string): Promise<void> {
    this.#followed.push({ name, file: await open(path, 'r'), decoder: new StringDecoder('utf8'), rest: '', at: 0 });
  }

  /** Gives out the remaining lines. */
  async end(): Promise<void> {
    this.#stop();
    await this.#reading;
    for (const followed of this.#followed) await this.#read(followed);
    this.#giveOut(Infinity);
    for (const { file } of this.#followed) await file.close();
  }

  async #look(): Promise<void> {
    const before = this.#lookedAt;
    this.#lookedAt = this.#runtime.now();
    for (const followed of this.#followed) await this.#read(followed);
    this.#giveOut(before);
  }

  async #read(followed: Followed): Promise<void> {
    for (;;) {
      const { bytesRead } = await followed.file.read(this.#buffer, 0, this.#buffer.length);
      if (bytesRead === 0) return;
      const lines = (followed.rest + followed.decoder.write(this.#buffer.subarray(0, bytesRead))).split('\n');
      followed.rest = lines.pop() ?? '';
      for (const line of lines) {
        followed.at = timeOf(line) ?? followed.at;
        this.#held.push({ at: followed.at, name: followed.name, line });
      }
    }
  }

  /** Sorting keeps the order of lines of the same time. */
  #giveOut(until: number): void {
    this.#held.sort((a, b) => a.at - b.at);
    const later = this.#held.findIndex(({ at }) => at > until);
    const ready = this.#held.splice(0, later < 0 ? this.#held.length : later);
    for (const { name, line } of ready) this.#onLine(name, line);
  }
}

function timeOf(line: string): number | null {
  const at = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
  return Number.isNaN(at) ? null : at;
}

/**
 * Writes to stderr that never block this process. The reader of stderr may stall (a pipe that nobody empties, a log
 * collector that hangs). The process must then not lose its session, fill its memory or be slow to stop. Node keeps in
 * memory the lines that a pipe does not take, so their size is bounded here; further lines are dropped and counted.
 * Lines that still wait when the process ends are lost.
 *
 * A write in a thread of the system, as pino's asynchronous destination makes it, would not do: the end of the process
 * waits for that thread, and it waits for the reader.
 */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** The part of `process.stderr` that is used here. */
export interface LineSink {
  readonly writableLength: number;
  write(text: string | Uint8Array): unknown;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Sinks that have an error listener already: a process may have many logs on one sink. */
const HEEDED = new WeakSet<LineSink>();

export class StderrLines {
  readonly #sink: LineSink;
  readonly #onDropped: (lines: number) => void;
  #dropped = 0;

  /** `onDropped` is called with the number of dropped lines once there is room again. */
  constructor(sink: LineSink, onDropped: (lines: number) => void = () => undefined) {
    this.#sink = sink;
    this.#onDropped = onDropped;
    if (HEEDED.has(sink)) return;
    HEEDED.add(sink);
    // An error means that nobody reads stderr any more. The process goes on, and later lines are tried all the same.
    sink.on('error', () => undefined);
  }

  write(text: string | Uint8Array): void {
    if (this.#sink.writableLength <= MAX_WAITING_BYTES) this.#sink.write(text);
    else this.#drop();
  }

  #drop(): void {
    this.#dropped++;
    if (this.#dropped > 1) return;
    this.#sink.once('drain', () => {
      const lines = this.#dropped;
      this.#dropped = 0;
      this.#onDropped(lines);
    });
  }
}

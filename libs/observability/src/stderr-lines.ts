/**
 * Writes to stderr that never hold this process. A reader that stalls (a pipe that nobody empties, a log collector that
 * hangs) must not cost the session, nor the memory, nor a stop its time: Node keeps what a pipe does not take, so it is
 * bounded here; what comes beyond is dropped and counted. Whatever still waits when the process ends is lost.
 *
 * A write in a thread of the system, as pino's asynchronous destination makes it, would not do: the end of the process
 * waits for that thread, and it waits for the reader.
 */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** As much of `process.stderr` as is needed. */
export interface LineSink {
  readonly writableLength: number;
  write(text: string | Uint8Array): unknown;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Sinks whose errors are heeded already: a process may have many logs. */
const HEEDED = new WeakSet<LineSink>();

export class StderrLines {
  readonly #sink: LineSink;
  readonly #onDropped: (lines: number) => void;
  #dropped = 0;

  /** `onDropped`: told how many lines were dropped, once there is room again. */
  constructor(sink: LineSink, onDropped: (lines: number) => void = () => undefined) {
    this.#sink = sink;
    this.#onDropped = onDropped;
    if (HEEDED.has(sink)) return;
    HEEDED.add(sink);
    // Nobody reads stderr any more: what is said there is worth nothing more than being tried.
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

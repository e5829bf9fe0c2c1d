import type { Runtime } from '@drover/runtime';

const FLUSH_AT_CHARS = 64 * 1024;
const DEFAULT_COLUMNS = 100;

/** Thrown by writes when nobody reads any more, as in `drover ls | head`: no failure, but no reason to go on. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
}

/** stdout or stderr: lines are gathered for a turn of the event loop, a slow reader is waited for. */
export class Output {
  readonly isTerminal: boolean;
  readonly #stream: NodeJS.WriteStream;
  readonly #runtime: Runtime;
  #gathered: string[] = [];
  #gatheredChars = 0;
  #flushing: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(stream: NodeJS.WriteStream, runtime: Runtime) {
    this.#stream = stream;
    this.#runtime = runtime;
    // On a pipe there is no such property, whatever Node's types say.
    this.isTerminal = 'isTTY' in stream && stream.isTTY;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const gone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
      this.#failure = gone ? new OutputClosedError('nobody reads the output any more') : error;
    });
  }

  /** Of the terminal; 100 where there is none. */
  get columns(): number {
    return this.isTerminal ? this.#stream.columns : DEFAULT_COLUMNS;
  }

  /** For what draws on the terminal by itself (progress bars). */
  get stream(): NodeJS.WriteStream {
    return this.#stream;
  }

  /** Adds a line. Wait for the answer where there is one: the reader is behind. Throws `OutputClosedError`. */
  line(text: string): Promise<void> | undefined {
    if (this.#failure !== null) throw this.#failure;
    this.#gathered.push(text);
    this.#gatheredChars += text.length + 1;
    if (this.#gatheredChars >= FLUSH_AT_CHARS) return this.flush();
    if (this.#gathered.length === 1) this.#runtime.soon(() => void this.flush().catch(() => undefined));
    return undefined;
  }

  /** One JSON document a line. */
  json(document: unknown): Promise<void> | undefined {
    return this.line(JSON.stringify(document));
  }

  /** Resolves when everything was handed to the system. Throws `OutputClosedError`. */
  async flush(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#gathered.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      return;
    }
    const text = `${this.#gathered.join('\n')}\n`;
    this.#gathered = [];
    this.#gatheredChars = 0;
    this.#flushing = this.writeNow(text).finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  /** As it is, at once. Throws `OutputClosedError`. */
  writeNow(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(this.#failure ?? new OutputClosedError('nobody reads the output any more', { cause: error }));
      });
    });
  }
}

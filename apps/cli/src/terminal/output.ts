import { DroverError, escapeControls } from '@drover/core';
import { inBackground, toldElsewhere, type Runtime } from '@drover/runtime';
import { reveal } from './colors.js';

const FLUSH_AT_CHARS = 64 * 1024;
const DEFAULT_COLUMNS = 100;

/** Codes of a write that nobody will ever read. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Thrown by writes when nobody reads any more, as in `drover ls | head`: no failure, but no reason to go on. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
}

/** Thrown by writes that the system refuses, such as those to a full disk. */
export class OutputFailedError extends DroverError {
  override readonly name = 'OutputFailedError';
}

/** JSON.stringify leaves them as they are: DEL, C1, marks of direction, separators of lines. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const EVERY_UNSAFE_IN_JSON = new RegExp(UNSAFE_IN_JSON.source, 'g');

/**
 * stdout or stderr. Lines are gathered for a turn of the event loop, and a slow reader is waited for. All text passes
 * through here: control characters are escaped, and only the colours of `createColors` reach a terminal.
 */
export class Output {
  readonly isTerminal: boolean;
  readonly #name: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #runtime: Runtime;
  #gathered: string[] = [];
  #gatheredChars = 0;
  #flushing: Promise<void> | null = null;
  #shape: (document: unknown) => string = (document) => JSON.stringify(document);
  #failure: Error | null = null;
  #onFailure: (() => void)[] = [];

  /** `name`: for messages, `stdout` or `stderr`. */
  constructor(stream: NodeJS.WriteStream, name: string, runtime: Runtime) {
    this.#stream = stream;
    this.#name = name;
    this.#runtime = runtime;
    // A pipe has no such property, although Node's types say so.
    this.isTerminal = 'isTTY' in stream && stream.isTTY;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(error);
    });
  }

  /** Resolves when a write has failed: text that is written after that is lost. */
  failed(): Promise<void> {
    if (this.#failure !== null) return Promise.resolve();
    return new Promise((resolve) => this.#onFailure.push(resolve));
  }

  /** The width of the terminal; 100: there is none. */
  get columns(): number {
    return this.isTerminal ? this.#stream.columns : DEFAULT_COLUMNS;
  }

  /** The stream for progress bars, which draw on the terminal themselves. */
  get stream(): NodeJS.WriteStream {
    return this.#stream;
  }

  /**
   * Adds a line, or several. Wait for the answer where there is one: the reader is behind. Throws `OutputClosedError`
   * and `OutputFailedError`, once an earlier line could not be written.
   */
  line(text: string): Promise<void> | undefined {
    return this.escapedLine(reveal(text, escapeControls));
  }

  /** A line of a formatter that escapes by itself; sent as it is. Else as `line`. */
  escapedLine(text: string): Promise<void> | undefined {
    if (this.#failure !== null) throw this.#failure;
    this.#gathered.push(text);
    this.#gatheredChars += text.length + 1;
    if (this.#gatheredChars >= FLUSH_AT_CHARS) return this.flush();
    if (this.#gathered.length === 1) this.#runtime.soon(() => inBackground(this.flush(), toldElsewhere));
    return undefined;
  }

  /** Adds a line that is worth nothing more than being tried: where nobody reads it, work goes on. */
  note(text: string): void {
    if (this.#failure === null) tried(this.line(text));
  }

  /** Like `note`, for a line that is escaped already. */
  escapedNote(text: string): void {
    if (this.#failure === null) tried(this.escapedLine(text));
  }

  /** Like `note`, for a JSON document. */
  noteJson(document: unknown): void {
    if (this.#failure === null) tried(this.json(document));
  }

  /** From now on `json` prints what `shape` makes of a document. */
  shape(shape: (document: unknown) => string): void {
    this.#shape = shape;
  }

  /** One JSON document a line, or what the shape makes of it. */
  json(document: unknown): Promise<void> | undefined {
    const text = this.#shape(document);
    return this.escapedLine(UNSAFE_IN_JSON.test(text) ? text.replace(EVERY_UNSAFE_IN_JSON, asJsonEscape) : text);
  }

  /** Resolves when everything was handed to the system. Throws as `line` does. */
  async flush(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#gathered.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      return;
    }
    const text = `${this.#gathered.join('\n')}\n`;
    this.#gathered = [];
    this.#gatheredChars = 0;
    this.#flushing = this.#write(text).finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  /** Text at once, escaped as by `line`. Throws as `line` does. */
  writeNow(text: string): Promise<void> {
    return this.#write(reveal(text, escapeControls));
  }

  #write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(this.#fail(error));
      });
    });
  }

  /** The first failure is the one that counts. */
  #fail(error: NodeJS.ErrnoException): Error {
    const gone = GONE.has(error.code ?? '');
    this.#failure ??= gone
      ? new OutputClosedError(`the reader of ${this.#name} has closed it`, { cause: error })
      : new OutputFailedError(`cannot write to ${this.#name}: ${error.message}`, { cause: error });
    for (const resolve of this.#onFailure.splice(0)) resolve();
    return this.#failure;
  }
}

const asJsonEscape = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A failure is kept: the next `line` or `flush` throws it. */
function tried(written: Promise<void> | undefined): void {
  if (written !== undefined) inBackground(written, toldElsewhere);
}

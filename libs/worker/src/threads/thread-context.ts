import { setMaxListeners } from 'node:events';
import {
  assertLabel,
  InvalidArgumentError,
  LIMITS,
  type FailedItem,
  type FlowToBecome,
  type HandlerTrace,
  type TaskContext,
  type Json,
  type TaskFire,
  type TaskFlow,
  type TaskShard,
} from '@drover/core';
import type { InterceptedContext } from '../intercept/handler-hooks.js';
import { endOfReturned } from '../execution/result-text.js';
import { show } from '../execution/thrown.js';
import { NO_DEVICES, type Devices } from '../run/resources.js';
import { StepEnding } from '../steps/step-ending.js';
import type { StepAsk, StepPlace, StepReply } from '../steps/step-call.js';
import type { WireCall, WireNote } from './messages.js';
import type { StepDesk } from './thread-desk.js';

/** The receiver of a handler's logs and progress. */
export interface NoteSink {
  note(note: WireNote): void;
}

/**
 * The context that a handler is given beside the payload. The signal is made when it is first asked for: most handlers
 * never do.
 */
export class ThreadContext implements InterceptedContext {
  readonly id: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly fire: TaskFire | undefined;
  readonly flow: TaskFlow | undefined;
  readonly shard: TaskShard | undefined;
  readonly trace: HandlerTrace | undefined;
  readonly devices: Devices;
  readonly worker: string;
  /** Not for handlers: its type, and where interceptors are told it, its queue. */
  readonly type: string;
  readonly queue: string;
  readonly #n: number;
  readonly #sink: NoteSink;
  readonly #step: StepPlace | undefined;
  readonly #desk: StepDesk | null;
  /** JSON text. */
  #checkpoint: string | undefined;
  #label: string | undefined;
  #controller: AbortController | undefined;
  #aborted: Error | undefined;

  /** `desk`: `null` where nothing is asked, since there are no steps. */
  constructor(call: Omit<WireCall, 'payload'>, worker: string, sink: NoteSink, desk: StepDesk | null = null) {
    this.id = call.task;
    this.attempt = call.attempt;
    this.fencingToken = call.fencingToken;
    this.fire = call.fire;
    this.flow = call.step?.flow;
    this.shard = call.step?.shard;
    this.#step = call.step;
    this.#desk = desk;
    this.trace = call.trace;
    this.#checkpoint = call.checkpoint;
    this.devices = call.devices ?? NO_DEVICES;
    this.type = call.type;
    this.queue = call.queue ?? '';
    this.worker = worker;
    this.#n = call.n;
    this.#sink = sink;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // A handler may wait for it in every step; the signal goes with the call.
      setMaxListeners(0, this.#controller.signal);
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Not for handlers: why it was asked to end; `undefined`: it was not. */
  get aborted(): Error | undefined {
    return this.#aborted;
  }

  /** Not for handlers. */
  abort(reason: Error): void {
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  /** Not for handlers: the label with which the step ends where it succeeds. */
  get chosenLabel(): string | undefined {
    return this.#label;
  }

  /** Not for handlers: what it returns is items of a map. */
  get expands(): boolean {
    return this.#step?.expands === true;
  }

  /** Not for handlers. Rejects with `StepRefusedError`. */
  ask(what: StepAsk): Promise<StepReply> {
    const desk = this.#desk;
    if (desk === null) return Promise.reject(new TypeError('no step runs here'));
    return desk.ask(this.#n, what);
  }

  // Arrow functions: handlers may take them out of the context (`const { log, progress } = context`).
  log = (message: string, fields: Record<string, unknown> = NO_FIELDS): void => {
    const told = cut(text(message), MAX_MESSAGE_CHARS);
    const more = fields === NO_FIELDS ? NOTHING : plain(fields);
    this.#sink.note({ n: this.#n, log: { message: told, fields: more.fields, chars: told.length + more.chars } });
  };

  progress = (fraction: number, note?: string): void => {
    const clamped = Number.isFinite(fraction) ? Math.min(Math.max(fraction, 0), 1) : 0;
    this.#sink.note({
      n: this.#n,
      progress: { fraction: clamped, note: note === undefined ? undefined : text(note) },
    });
  };

  readonly labels: TaskContext['labels'] = {
    set: (name, value) => {
      assertLabel(name, value);
      this.#sink.note({ n: this.#n, label: [name, value] });
    },
  };

  checkpoint: TaskContext['checkpoint'] = (...given: [value?: Json]): undefined => {
    if (given.length === 0)
      return (this.#checkpoint === undefined ? undefined : JSON.parse(this.#checkpoint)) as undefined;
    const json = toCheckpoint(given[0]);
    this.#checkpoint = json;
    this.#sink.note({ n: this.#n, checkpoint: json });
  };

  label = (label: string): void => {
    const { labels } = this.#mustBeStep('label', label);
    if (!labels.includes(label)) throw new InvalidArgumentError('label', label, labelsOf(labels, this.flow?.step));
    this.#label = label;
  };

  skip = (reason?: string): never => {
    this.#mustBeStep('skip', reason);
    this.log('the step skips itself', reason === undefined ? {} : { reason: text(reason) });
    throw new StepEnding({ skipped: true });
  };

  become = <Input>(flow: FlowToBecome<Input>, input: Input): never => {
    this.#mustBeStep('become', flow);
    throw new StepEnding({ becomes: toBecome(flow, input) });
  };

  results = <Result>(step: string): AsyncIterable<Result | FailedItem> => {
    const { lists } = this.#mustBeStep('results', step);
    if (!lists.includes(step)) throw new InvalidArgumentError('step', step, listsOf(lists, this.flow?.step));
    return { [Symbol.asyncIterator]: () => this.#iterate<Result>(step) };
  };

  /** The next chunk is on its way while one is iterated. */
  async *#iterate<Result>(step: string): AsyncGenerator<Result | FailedItem, void, undefined> {
    let coming: Promise<StepReply> | null = this.ask({ kind: 'results', step, from: 0 });
    while (coming !== null) {
      const chunk: StepReply = await coming;
      const next: number | null = chunk?.next ?? null;
      coming = next === null ? null : this.ask({ kind: 'results', step, from: next });
      // A handler that has left the loop does not hear of it.
      coming?.catch(() => undefined);
      yield* JSON.parse(chunk?.values ?? '[]') as (Result | FailedItem)[];
    }
  }

  #mustBeStep(call: string, given: unknown): StepPlace {
    if (this.#step !== undefined) return this.#step;
    throw new InvalidArgumentError(call, given, 'a task that is a step of a flow: this one is none');
  }
}

/** Throws `InvalidArgumentError`. */
function toCheckpoint(value: unknown): string {
  const end = endOfReturned(value);
  const { checkpointBytes: most } = LIMITS;
  if (end.outcome !== 'succeeded')
    throw new InvalidArgumentError('checkpoint', show(value), `a value that JSON can carry, of ${most} bytes at most`);
  const bytes = Buffer.byteLength(end.result);
  if (bytes <= most) return end.result;
  throw new InvalidArgumentError(
    'checkpoint',
    `${bytes} bytes as JSON`,
    `${most} bytes at most: store more elsewhere, and leave a reference`,
  );
}

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const labelsOf = (labels: readonly string[], step = ''): string =>
  labels.length === 0
    ? `no label: the step '${step}' declares none (labels: [...] in its options)`
    : `one that the step '${step}' declares: ${quoted(labels)}`;

const listsOf = (lists: readonly string[], step = ''): string =>
  lists.length === 0
    ? `a map to which the input of the step '${step}' refers (parsed.results): it refers to none`
    : `a map to which the input of the step '${step}' refers: ${quoted(lists)}`;

function toBecome(flow: unknown, input: unknown): { text: string; input: string } {
  if (typeof flow !== 'object' || flow === null || !('text' in flow) || typeof flow.text !== 'string')
    throw new InvalidArgumentError('flow', flow, 'what flow() of @drover/flow gives');
  const json = JSON.stringify(input ?? null) as string | undefined;
  if (json === undefined) throw new InvalidArgumentError('input', input, 'a value that JSON can carry');
  return { text: flow.text, input: json };
}

/** Handlers in JavaScript give anything. */
const text = (value: unknown): string => (typeof value === 'string' ? value : show(value));

const NO_FIELDS: Record<string, unknown> = Object.freeze({});
/** Of a log line: longer ones are cut here, before they cost anybody anything. */
const MAX_MESSAGE_CHARS = 8_000;
const MAX_FIELDS_CHARS = 16_000;
const cut = (value: string, most: number): string => (value.length > most ? `${value.slice(0, most)}...` : value);

interface Plain {
  fields: Record<string, unknown>;
  chars: number;
}
const NOTHING: Plain = { fields: {}, chars: 0 };

/**
 * Makes a handler's log fields transferable to the other thread: as JSON; values that JSON cannot carry, and those that
 * are too large, become text.
 */
function plain(fields: unknown): Plain {
  if (typeof fields !== 'object' || fields === null) return asText(show(fields));
  try {
    const json = JSON.stringify(fields);
    if (json.length > MAX_FIELDS_CHARS) return asText(json);
    return { fields: JSON.parse(json) as Record<string, unknown>, chars: json.length };
  } catch {
    return asText(show(fields));
  }
}

function asText(shown: string): Plain {
  const fields = cut(shown, MAX_FIELDS_CHARS);
  return { fields: { fields }, chars: fields.length };
}

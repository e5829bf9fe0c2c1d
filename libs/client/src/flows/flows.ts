import { InvalidArgumentError } from '@drover/core';
import { prepareRun, type Flow, type MapGiven } from '@drover/flow';
import type { TaskView } from '@drover/inspect';
import type { ZooKeeper } from '@drover/zookeeper';
import type { CommandContext } from '../admin/command.js';
import type { AskOptions } from '../options.js';
import { Group, groupFlow, type GroupOptions } from './group.js';
import { MAP, MapReduce, sharded, type ShardedOptions, type StartMap } from './map-reduce.js';
import { RunEnds } from './run-ends.js';
import { Run, type RunHome } from './run-handle.js';
import { runId, startMany } from './start-many.js';
import { checkStart, type StartOptions } from './start-options.js';
import { checkAdmitted, writeFlow, type WriteContext } from './write-flow.js';

export interface FlowsHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
  get: (id: string) => Promise<TaskView>;
  /** Throws `ReadOnlyDriverError`. */
  mustWrite: (what: string) => void;
}

/** The part of the client that starts flows. */
export class Flows {
  readonly #context: WriteContext;
  readonly #home: RunHome;
  readonly #ends: RunEnds;
  readonly #mustWrite: (what: string) => void;

  constructor(context: WriteContext, { read, commands, get, mustWrite }: FlowsHome) {
    const { connection, runtime } = context;
    this.#context = context;
    this.#mustWrite = mustWrite;
    this.#ends = new RunEnds({ connection, runtime });
    const ends = (): RunEnds => {
      mustWrite('waiting for results');
      return this.#ends;
    };
    this.#home = { runtime, ends, read, commands, get };
  }

  async start(given: Flow, input: unknown, options: StartOptions = {}, shards?: number): Promise<Run> {
    this.#mustWrite('starting a flow');
    const flow = checkFlow(given);
    const start = checkStart(options);
    const prepared = prepareRun(flow.plan, input, start.items);
    await checkAdmitted(this.#context, start);
    const { id, holder, replayed } = await writeFlow(this.#context, flow, [prepared], start, shards);
    return holder === null ? new Run(this.#home, runId(id, 0), { replayed }) : new Run(this.#home, holder, HOLDS_KEY);
  }

  async *startMany(
    given: Flow,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options: StartOptions = {},
  ): AsyncGenerator<Run, void, undefined> {
    this.#mustWrite('starting flows');
    const flow = checkFlow(given);
    const start = checkStart(options);
    if (start.key !== null) throw new InvalidArgumentError('unique', options.unique, 'start, for runs with keys');
    if (start.request !== null) throw new InvalidArgumentError('request', options.request, 'start, for one run');
    if (options.items !== undefined) throw new InvalidArgumentError('items', options.items, 'items within the inputs');
    for await (const id of startMany(this.#context, flow, inputs, start)) yield new Run(this.#home, id);
  }

  run(id: string): Run {
    return new Run(this.#home, id);
  }

  map(type: string, items: Iterable<unknown> | AsyncIterable<unknown>, options: MapGiven = {}): MapReduce {
    return new MapReduce(this.#startMap, { type, items, options });
  }

  async sharded(type: string, payload: unknown, options: ShardedOptions): Promise<Run<null>> {
    return sharded(this.#startMap, type, payload, options);
  }

  async group(type: string, callbacks: GroupOptions, options: StartOptions = {}): Promise<Group> {
    const run = (await this.start(groupFlow(type, callbacks), null, options)) as Run<null>;
    return new Group(this.#context, this.#home, run);
  }

  openGroup(id: string): Group {
    return new Group(this.#context, this.#home, new Run(this.#home, id));
  }

  close(): void {
    this.#ends.close();
  }

  readonly #startMap: StartMap = (flow, items, options, shards) =>
    this.start(flow, null, { ...options, items: { [MAP]: items } }, shards);
}

const HOLDS_KEY = { deduplicated: true };

function checkFlow(given: unknown): Flow {
  const isFlow = typeof given === 'object' && given !== null && 'plan' in given && 'text' in given;
  if (isFlow) return given as Flow;
  throw new InvalidArgumentError('flow', given, 'what flow() gives');
}

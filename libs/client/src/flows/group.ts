import { checkOptions, InvalidArgumentError, parseType } from '@drover/core';
import { flowOf, optionsOfItems, type After, type Flow, type Plan, type Step } from '@drover/flow';
import { readFlow, readPlan } from '@drover/inspect';
import { CommandRefusedError } from '../errors.js';
import type { AskOptions } from '../options.js';
import { FlowEndedError, GroupClosedError } from './errors.js';
import { type Run, type RunHome, type RunResultOptions } from './run-handle.js';
import { writeDrafts, type WriteContext } from './write-flow.js';

/** A task that follows from how a group ended: its type, or its type and payload. */
export type GroupCallback = string | { type: string; payload?: unknown };

export interface GroupOptions {
  /** Types of tasks that it takes besides the first one. */
  types?: readonly string[] | undefined;
  /** Runs when all tasks of the closed group have ended, in whatever way. */
  onEnd?: GroupCallback | undefined;
  /** Runs when all of them have succeeded. */
  onSuccess?: GroupCallback | undefined;
  /** Runs as soon as one of them has failed for good, also while the group is open: once, however many fail. */
  onFirstFailure?: GroupCallback | undefined;
}

const CALLBACKS = ['onEnd', 'onSuccess', 'onFirstFailure'] as const;
const TASKS = 'tasks';

/** The plan of a group: an open map for each type of its tasks, and a step for each callback. */
export function groupFlow(type: string, { types = [], ...options }: GroupOptions): Flow {
  checkOptions(options, CALLBACKS);
  if (CALLBACKS.every((name) => options[name] === undefined))
    throw new InvalidArgumentError('group', options, 'at least one of onEnd, onSuccess, onFirstFailure');
  const all = [...new Set([type, ...types].map((each) => parseType(each)))];
  const maps = all.map((each, at): [string, Step] => [
    at === 0 ? TASKS : `${TASKS}-${at + 1}`,
    { kind: 'map', type: each, items: { open: true } },
  ]);
  const steps: Record<string, Step> = Object.fromEntries(maps);
  for (const name of CALLBACKS) {
    const given = options[name];
    if (given !== undefined) steps[name] = callbackStep(name, given, Object.keys(steps).slice(0, maps.length));
  }
  return flowOf({ v: 1, name: `group-${type}`.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 128), steps });
}

function callbackStep(name: (typeof CALLBACKS)[number], given: GroupCallback, maps: readonly string[]): Step {
  const { type, payload = null } = typeof given === 'string' ? { type: given } : given;
  const input = { $literal: JSON.parse(JSON.stringify(payload)) as null };
  return { kind: 'task', type: parseType(type), input, after: afterOf(name, maps) };
}

function afterOf(name: (typeof CALLBACKS)[number], maps: readonly string[]): After {
  if (name === 'onFirstFailure') return { any: maps.map((step) => ({ step, on: 'failed', early: true })) };
  // A type of which nothing was given has succeeded.
  return { all: maps.map((step) => ({ step, on: name === 'onEnd' ? 'ended' : 'succeeded' })) };
}

/** The map of tasks of a type; of none: of the first. Throws `InvalidArgumentError`. */
function mapFor({ steps }: Plan, type: string | undefined): string {
  if (type === undefined) return TASKS;
  const maps = Object.entries(steps).flatMap(([name, step]) =>
    step.kind === 'map' && 'open' in step.items ? [{ name, type: step.type }] : [],
  );
  const found = maps.find((map) => map.type === type);
  if (found !== undefined) return found.name;
  throw new InvalidArgumentError('type', type, `one of those of the group: ${maps.map((map) => map.type).join(', ')}`);
}

/** A group of tasks that may grow until it is closed; also by its id in other processes. */
export class Group {
  readonly #context: WriteContext;
  readonly #home: RunHome;
  readonly #run: Run<null>;

  constructor(context: WriteContext, home: RunHome, run: Run<null>) {
    this.#context = context;
    this.#home = home;
    this.#run = run;
  }

  /** Of the run that it is: `drover.openGroup(id)` of any process adds to it. */
  get id(): string {
    return this.#run.id;
  }

  /** The run that the group is. */
  get run(): Run<null> {
    return this.#run;
  }

  /**
   * Adds a task for each payload. `type`: one of those of the group, by default the first. Resolves when all of them are durable, with
   * their number. Rejects with `GroupClosedError`, `InvalidArgumentError` (another type), and as a submit.
   */
  async submitMany(
    payloads: Iterable<unknown> | AsyncIterable<unknown>,
    options: { type?: string | undefined } = {},
  ): Promise<number> {
    checkOptions(options, ['type']);
    const [flow = '', index = '0'] = this.id.split('.');
    await this.#mustBeOpen();
    const record = await this.#home.read((zk) => readFlow(zk, flow));
    const plan = await this.#home.read((zk) => readPlan(zk, record.header.plan));
    const run = Number(index);
    const step = mapFor(plan, options.type);
    const origin = {
      ...optionsOfItems(plan, step, record.header, { flow, run }),
      client: this.#context.client,
      at: this.#context.runtime.now(),
    };
    const added = await writeDrafts(this.#context, { flow, run, step }, payloads, origin);
    // The close decides in ZooKeeper's order: drafts that were written after it do not count.
    await this.#mustBeOpen();
    return added;
  }

  /** It takes no more tasks: when those that it has end, its callbacks run. Another close changes nothing. */
  async close(asked: AskOptions = {}): Promise<void> {
    await this.#run.close(asked).catch((error: unknown) => {
      if (!(error instanceof FlowEndedError)) throw error;
    });
  }

  /** Waits until the group is closed, all its tasks have ended, and its callbacks too. Rejects as `run.result`. */
  result(options: RunResultOptions = {}): Promise<null> {
    return this.#run.result(options);
  }

  async #mustBeOpen(): Promise<void> {
    try {
      const { steps, endedAt } = await this.#run.tree();
      if (endedAt !== null || steps[TASKS]?.of !== null) throw new GroupClosedError(this.id);
    } catch (error) {
      throw error instanceof CommandRefusedError ? new GroupClosedError(this.id) : error;
    }
  }
}

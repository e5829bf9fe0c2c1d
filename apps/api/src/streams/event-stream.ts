import { parseRevision, type Revision } from '@drover/api';
import type { schemas } from '@drover/api';
import { inBackground, toldElsewhere } from '@drover/runtime';
import type * as z from 'zod';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { apiErrorOf } from '../errors-of-client.js';
import { taskOf } from '../handlers/task-of.js';
import { queuesOf, type Change } from '../live/live.js';
import { HEARTBEAT } from '../server/lines.js';
import { EventQueue } from './event-queue.js';
import { Named } from './named.js';
import type { Topics } from './topics.js';

export type Line = z.output<typeof schemas.event> | typeof HEARTBEAT;
export type ByeReason = z.output<typeof schemas.bye>['reason'];

export const HEARTBEAT_MS = 15_000;
const LONGEST_MS = 3_600_000;
const MOST_BYTES = 256 * 1024;
const FAILURES_A_SECOND = 50;
const QUEUES_NAMED = 50;

export interface StreamOptions {
  context: ApiContext;
  topics: Topics;
  caller: Caller;
  /** Go on behind this revision; null: from now on. */
  from: Revision | null;
  /** The text that it was given as. */
  fromText: string | null;
  /** The overview of this caller, computed once for all streams that see the same. */
  overview: (caller: Caller) => Promise<unknown>;
  /** The schedules that this caller sees, as text, read once for all streams that see the same. */
  schedules: (caller: Caller) => Promise<string>;
  /** Called once, with why it ended; `gone`: the client went. */
  onEnd: (reason: ByeReason | 'gone') => void;
}

/**
 * One open `/v1/events`. States (overview, queues, members) are told at most once a second, as they are then, so a slow second
 * loses nothing; failures are told each, and those that are too many are counted. The id of an event is the revision up to
 * which everything was told.
 */
export class EventStream {
  readonly lines: EventQueue<Line>;
  readonly #options: StreamOptions;
  readonly #stops: (() => void)[] = [];
  readonly #dirty = new Set<string>();
  readonly #queues = new Set<string>();
  readonly #changed = { flows: new Named(), broadcasts: new Named() };
  readonly #seen = new Map<string, string>();
  #failures: unknown[] = [];
  #failuresDropped = 0;
  #flushing = false;
  #ended = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    const { context, caller } = options;
    this.lines = new EventQueue<Line>(MOST_BYTES, () => {
      this.#over('overflow');
      return this.#line('bye', { reason: 'overflow', retryMs: this.#retryMs() });
    });
    this.#hello();
    const { live, leader, members, runtime, audit, access, stopping } = context;
    const bye = (reason: ByeReason): void => this.end(reason);
    const hour = runtime.after(LONGEST_MS, () => bye('age'));
    const beat = runtime.every(HEARTBEAT_MS, () => this.lines.push(HEARTBEAT));
    const stop = (): void => bye('stopping');
    stopping.addEventListener('abort', stop, { once: true });
    this.#stops.push(
      live.onChange((what, change) => this.#heard(what, change)),
      leader.onChange(() => this.#mark('schedulers', 'overview')),
      members.onChange(() => this.#mark('workers', 'schedulers', 'overview')),
      audit.follow((entry) => this.#event('audit', entry)),
      context.onOperation((operation) => {
        if (operation.isShownTo(caller)) this.#event('operations', operation.view);
      }),
      access.untilRevoked(caller, () => bye('revoked')),
      () => hour.cancel(),
      () => beat.cancel(),
      () => stopping.removeEventListener('abort', stop),
    );
  }

  /** To be called about once a second. */
  tick(): void {
    if (this.#flushing || this.#ended) return;
    this.#flushing = true;
    // A later second tells what cannot be read now.
    inBackground(
      this.#flush().finally(() => (this.#flushing = false)),
      toldElsewhere,
    );
  }

  /** With a last word. */
  end(reason: ByeReason): void {
    if (this.#ended) return;
    this.lines.push(this.#line('bye', { reason, retryMs: this.#retryMs() }));
    this.#over(reason);
    this.lines.end();
  }

  /** The client went. */
  gone(): void {
    this.#over('gone');
    this.lines.end();
  }

  #over(reason: ByeReason | 'gone'): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stop of this.#stops) stop();
    this.#options.onEnd(reason);
  }

  #hello(): void {
    const { context, topics, from, fromText } = this.#options;
    const { live } = context;
    const hello = {
      revision: this.#revision(),
      heartbeatMs: HEARTBEAT_MS,
      topics: [...topics.all],
      retryMs: this.#retryMs(),
    };
    this.lines.push(this.#line('hello', hello));
    const missed = from === null ? null : live.changesAfter(from);
    if (fromText !== null && fromText !== 'now') {
      if (missed === null) this.lines.push(this.#line('reset', { revision: this.#revision() }));
      else if (!missed.complete)
        this.lines.push(this.#line('gap', { from: fromText, to: this.#revision() ?? fromText, reason: 'ring' }));
    }
    for (const change of missed?.changes ?? []) this.#note(change);
    this.#mark('overview', ...topics.tasks, ...topics.batches);
    this.tick();
  }

  #heard(what: 'change' | 'reset' | 'silent', change: Change | null): void {
    if (what === 'reset') {
      this.#failures = [];
      this.#failuresDropped = 0;
      this.#queues.clear();
      for (const named of Object.values(this.#changed)) named.clear();
      this.lines.push(this.#line('reset', { revision: this.#revision() }));
      this.#mark('overview', 'workers', 'schedulers', 'schedules');
    } else if (what === 'silent') this.#mark('overview', 'schedulers');
    else if (change !== null) this.#note(change);
    if (change !== null && !this.#concerns(change)) return;
    const { tasks, batches } = this.#options.topics;
    this.#mark(...tasks, ...batches);
  }

  /** A change in queues that the caller may not see concerns the caller not. */
  #concerns(change: Change): boolean {
    const { caller } = this.#options;
    return caller.queues === null || change.shared || queuesOf(change).some((queue) => sees(caller, queue));
  }

  #note(change: Change): void {
    const { queues, failures, failuresLeftOut, workers, schedules } = change;
    const { caller, topics } = this.#options;
    if (this.#concerns(change)) this.#mark('overview');
    if (workers) this.#mark('workers');
    if (schedules) this.#mark('schedules');
    for (const name of queues) if (sees(caller, name)) this.#queues.add(name);
    for (const topic of ['flows', 'broadcasts'] as const)
      for (const { queue, ids, more } of change[topic]) if (sees(caller, queue)) this.#changed[topic].add(ids, more);
    if (!topics.names.has('failures')) return;
    // Nobody knows of which queues they are.
    if (caller.queues === null) this.#failuresDropped += failuresLeftOut;
    for (const failure of failures) {
      if (!sees(caller, failure.queue)) continue;
      if (this.#failures.length < FAILURES_A_SECOND) this.#failures.push(failure);
      else this.#failuresDropped++;
    }
  }

  #mark(...names: string[]): void {
    for (const name of names) this.#dirty.add(name);
  }

  /** Of topics whose events are told as they come. */
  #event(topic: 'audit' | 'operations', data: unknown): void {
    if (this.#options.topics.names.has(topic)) this.lines.push(this.#line(topic, data));
  }

  async #flush(): Promise<void> {
    const { context, topics, caller, overview } = this.#options;
    if (topics.names.has('overview'))
      await this.#once('overview', async () => this.#tell('overview', await overview(caller)));
    for (const topic of ['workers', 'schedulers'] as const)
      if (this.#dirty.delete(topic) && topics.names.has(topic)) this.#tell(topic, { changed: true });
    if (topics.names.has('schedules')) await this.#once('schedules', () => this.#flushSchedules());
    this.#flushQueues();
    for (const topic of ['flows', 'broadcasts'] as const) this.#flushChanged(topic);
    this.#flushFailures();
    for (const id of topics.tasks) await this.#once(id, () => this.#flushTask(context, id));
    for (const id of topics.batches) if (this.#dirty.delete(id)) this.#tell(`batch:${id}`, { id, changed: true });
  }

  /** A state that cannot be read now is told later; a task that is not there is not asked for again. */
  async #once(name: string, tell: () => Promise<void>): Promise<void> {
    if (!this.#dirty.delete(name)) return;
    try {
      await tell();
    } catch (error) {
      const known = error instanceof ApiError ? error : apiErrorOf(error);
      if (known === null || known.status >= 500) this.#mark(name);
      throw error;
    }
  }

  /** The leader does not say of which queue the schedule is that has changed: those of the caller's queues are compared. */
  async #flushSchedules(): Promise<void> {
    const { caller, schedules } = this.#options;
    const text = caller.queues === null ? null : await schedules(caller);
    if (text !== null && this.#seen.get('schedules') === text) return;
    if (text !== null) this.#seen.set('schedules', text);
    this.#tell('schedules', { changed: true });
  }

  #flushQueues(): void {
    if (this.#queues.size === 0) return;
    const names = [...this.#queues];
    this.#queues.clear();
    if (this.#options.topics.names.has('queues'))
      this.#tell('queues', { changed: names.slice(0, QUEUES_NAMED), more: Math.max(0, names.length - QUEUES_NAMED) });
  }

  #flushChanged(topic: 'flows' | 'broadcasts'): void {
    const told = this.#changed[topic].take();
    if (told !== null && this.#options.topics.names.has(topic)) this.#tell(topic, told);
  }

  #flushFailures(): void {
    if (this.#failures.length === 0 && this.#failuresDropped === 0) return;
    const [items, dropped] = [this.#failures, this.#failuresDropped];
    this.#failures = [];
    this.#failuresDropped = 0;
    this.#tell('failures', { items, dropped });
  }

  /** Only what a viewer would see is told, when it differs from what was told before. */
  async #flushTask(context: ApiContext, id: string): Promise<void> {
    const { state, attempt, worker, progress, note, history } = await taskOf(context, id, this.#options.caller);
    const data = { id, state, attempt, worker, progress, note, ended: history.length };
    const text = JSON.stringify(data);
    if (this.#seen.get(id) === text) return;
    this.#seen.set(id, text);
    this.#tell(`task:${id}`, data);
  }

  #tell(event: string, data: unknown): void {
    if (!this.#ended) this.lines.push(this.#line(event, data));
  }

  #line(event: string, data: unknown): Exclude<Line, typeof HEARTBEAT> {
    return { id: this.#revision(), event, at: this.#options.context.runtime.now(), data };
  }

  #revision(): string | null {
    const { context, caller } = this.#options;
    return context.live.revisionFor(caller);
  }

  /** By chance, so that many clients do not come back together. */
  #retryMs(): number {
    return 1_000 + Math.floor(3_000 * this.#options.context.runtime.random());
  }
}

/** `7.1834`, `now`, or nothing. */
export const positionOf = (text: string | null): Revision | null => (text === null ? null : parseRevision(text));

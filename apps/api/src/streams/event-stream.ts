import { parseRevision, type Revision } from '@drover/api';
import type { schemas } from '@drover/api';
import { inBackground, toldElsewhere } from '@drover/runtime';
import type * as z from 'zod';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { taskOf } from '../handlers/tasks.js';
import type { Change } from '../live/live.js';
import { HEARTBEAT } from '../server/lines.js';
import { EventQueue } from './event-queue.js';
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
        if (caller.queues === null || operation.by === caller.name) this.#event('operations', operation);
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
      revision: live.revision,
      heartbeatMs: HEARTBEAT_MS,
      topics: [...topics.all],
      retryMs: this.#retryMs(),
    };
    this.lines.push(this.#line('hello', hello));
    const missed = from === null ? null : live.changesAfter(from);
    if (fromText !== null && fromText !== 'now') {
      if (missed === null) this.lines.push(this.#line('reset', { revision: live.revision }));
      else if (!missed.complete)
        this.lines.push(this.#line('gap', { from: fromText, to: live.revision ?? fromText, reason: 'ring' }));
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
      this.lines.push(this.#line('reset', { revision: this.#options.context.live.revision }));
      this.#mark('overview', 'workers', 'schedulers', 'schedules');
    } else if (what === 'silent') this.#mark('overview', 'schedulers');
    else if (change !== null) this.#note(change);
    const { tasks, batches } = this.#options.topics;
    this.#mark(...tasks, ...batches);
  }

  #note({ queues, failures, failuresLeftOut, workers, schedules }: Change): void {
    const { caller, topics } = this.#options;
    this.#mark('overview');
    if (workers) this.#mark('workers');
    if (schedules) this.#mark('schedules');
    for (const name of queues) if (sees(caller, name)) this.#queues.add(name);
    if (!topics.names.has('failures')) return;
    this.#failuresDropped += failuresLeftOut;
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
    if (topics.names.has('overview') && this.#dirty.delete('overview')) this.#tell('overview', await overview(caller));
    for (const topic of ['workers', 'schedulers', 'schedules'] as const)
      if (this.#dirty.delete(topic) && topics.names.has(topic)) this.#tell(topic, { changed: true });
    this.#flushQueues();
    this.#flushFailures();
    for (const id of topics.tasks) if (this.#dirty.delete(id)) await this.#flushTask(context, id);
    for (const id of topics.batches) if (this.#dirty.delete(id)) this.#tell(`batch:${id}`, { id, changed: true });
  }

  #flushQueues(): void {
    if (this.#queues.size === 0) return;
    const names = [...this.#queues];
    this.#queues.clear();
    if (this.#options.topics.names.has('queues'))
      this.#tell('queues', { changed: names.slice(0, QUEUES_NAMED), more: Math.max(0, names.length - QUEUES_NAMED) });
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
    const { live, runtime } = this.#options.context;
    return { id: live.revision, event, at: runtime.now(), data };
  }

  /** By chance, so that many clients do not come back together. */
  #retryMs(): number {
    return 1_000 + Math.floor(3_000 * this.#options.context.runtime.random());
  }
}

/** `7.1834`, `now`, or nothing. */
export const positionOf = (text: string | null): Revision | null => (text === null ? null : parseRevision(text));

import type { AnswerOf, ArgumentsOf, PathOf } from '@drover/api';
import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { addressOf, type Values } from './address.js';
import { checked, request } from './api.js';
import { backOffMs } from './back-off.js';
import { livePaused, liveState, useTopics } from './live.js';
import { problemOf, type ApiProblem } from './problem.js';

/** An answer of the API as a screen shows it. */
export interface Query<T> {
  /** The last good answer; it stays while another one is on its way or fails. */
  data: T | undefined;
  error: ApiProblem | undefined;
  /** There is nothing to show yet. */
  loading: boolean;
  /** When `data` was last known to be current. */
  asOf: number | null;
  /** `data` is of other arguments, or could not be asked again. */
  stale: boolean;
  refresh: () => void;
}

export interface QueryOptions {
  /** It is asked again when an event of one of these comes. */
  topics?: readonly string[];
  /** Whether the event concerns what is shown; absent: each does. */
  isAbout?: (data: unknown) => boolean;
  /** ... but at most this often; default 2 s. */
  gapMs?: number;
  /** The event of this topic carries the whole answer: nothing has to be asked then. */
  carriedBy?: string;
  /** It is asked again this often, also while the stream lives. */
  everyMs?: number;
  /** Events do not change what is shown: the user is reading. */
  held?: boolean;
}

/** For the overview, which its event carries. */
export const OVERVIEW: QueryOptions = { topics: ['overview'], gapMs: 1_000, carriedBy: 'overview' };

interface State {
  data: unknown;
  error: ApiProblem | undefined;
  at: number | null;
}

/** How often a screen asks while the stream is lost. */
const POLL_MS = 10_000;
const KEPT_ENTRIES = 60;

/** The last answer of one address. It is kept for a screen that comes back to it. */
class Entry {
  readonly state: Signal<State> = signal({ data: undefined, error: undefined, at: null });
  #users = 0;
  #abort: AbortController | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #etag: string | null = null;
  #failures = 0;
  #askedAt = 0;

  readonly #path: string;
  readonly #values: Values;

  constructor(path: string, values: Values) {
    this.#path = path;
    this.#values = values;
  }

  /** Answers how to leave. */
  use(): () => void {
    this.#users++;
    this.ask();
    return () => {
      if (--this.#users > 0) return;
      clearTimeout(this.#again);
      this.#again = undefined;
      this.#abort?.abort();
      this.#abort = null;
    };
  }

  /** Asks when the gap since the last request is over; several wishes become one request. */
  askSoon(gapMs: number): void {
    if (this.#again !== undefined || this.#users === 0) return;
    const waitMs = Math.max(0, this.#askedAt + gapMs - Date.now());
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.ask();
    }, waitMs);
  }

  ask(): void {
    if (this.#abort !== null) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#askedAt = Date.now();
    this.#fetch(abort.signal).then(
      () => this.#done(abort, undefined),
      (error: unknown) => this.#done(abort, problemOf(error)),
    );
  }

  /** Puts in what came by the stream, of which no tag is known. */
  put(data: unknown): void {
    this.#etag = null;
    this.state.value = { data, error: undefined, at: Date.now() };
  }

  async #fetch(abort: AbortSignal): Promise<void> {
    const headers = this.#etag === null ? {} : { 'if-none-match': this.#etag };
    const response = await checked(await request('GET', this.#path, this.#values, { signal: abort, headers }));
    if (response.status === 304) {
      this.state.value = { ...this.state.value, error: undefined, at: Date.now() };
      return;
    }
    const data: unknown = await response.json();
    this.put(data);
    this.#etag = response.headers.get('etag');
  }

  #done(abort: AbortController, error: ApiProblem | undefined): void {
    if (this.#abort !== abort) return;
    this.#abort = null;
    this.#failures = error === undefined ? 0 : this.#failures + 1;
    if (error === undefined) return;
    this.state.value = { ...this.state.value, error };
    if (error.isPassing) this.askSoon(Math.max(error.retryAfterMs ?? 0, backOffMs(this.#failures, Math.random())));
  }
}

const entries = new Map<string, Entry>();

function entryOf(path: string, values: Values): Entry {
  const key = addressOf(path, values);
  const entry = entries.get(key) ?? new Entry(path, values);
  // The one that was used longest ago is the first.
  entries.delete(key);
  entries.set(key, entry);
  if (entries.size > KEPT_ENTRIES) for (const oldest of [...entries.keys()].slice(0, 1)) entries.delete(oldest);
  return entry;
}

/** Forgets all answers: somebody else has signed in. */
export const forgetAnswers = (): void => entries.clear();

/** Asks everything that is on the screen again, after an action. */
export function refreshAll(): void {
  for (const entry of entries.values()) entry.askSoon(0);
}

/**
 * The answer of the API for an address, kept current: `useQuery('/v1/queues/:name', { name }, { topics: ['queues'] })`. A
 * null path asks nothing.
 */
export function useQuery<Path extends PathOf<'GET'>>(
  path: Path | null,
  values: ArgumentsOf<'GET', Path>,
  options: QueryOptions = {},
): Query<AnswerOf<'GET', Path>> {
  const key = path === null ? null : addressOf(path, values);
  const entry = useMemo(() => (path === null ? null : entryOf(path, values)), [key]);
  const shown = useRef<State | null>(null);
  useEffect(() => entry?.use(), [entry]);
  useKeptCurrent(entry, options);
  const state = entry?.state.value;
  if (state?.data !== undefined) shown.current = state;
  if (entry === null) shown.current = null;
  const data = state?.data ?? shown.current?.data;
  return {
    data: data as AnswerOf<'GET', Path> | undefined,
    error: state?.error,
    loading: entry !== null && data === undefined && state?.error === undefined,
    asOf: state?.at ?? shown.current?.at ?? null,
    stale: data !== undefined && (state?.data === undefined || state.error !== undefined),
    refresh: () => entry?.ask(),
  };
}

function useKeptCurrent(
  entry: Entry | null,
  { topics = [], isAbout, gapMs = 2_000, carriedBy, everyMs, held = false }: QueryOptions,
): void {
  useTopics(entry === null ? [] : topics, ({ event, data }) => {
    if (held || (topics.includes(event) && isAbout?.(data) === false)) return;
    if (event === carriedBy && typeof data === 'object' && data !== null) entry?.put(data);
    else entry?.askSoon(gapMs);
  });
  const polls = everyMs ?? (topics.length > 0 && liveState.value === 'lost' ? POLL_MS : null);
  const isStill = held || livePaused.value;
  useEffect(() => {
    if (entry === null || polls === null || isStill) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') entry.askSoon(0);
    }, polls);
    return () => clearInterval(timer);
  }, [entry, polls, isStill]);
}

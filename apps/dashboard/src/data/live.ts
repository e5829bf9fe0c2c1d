import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { checked, request } from './api.js';
import { backOffMs } from './back-off.js';
import { ApiProblem, problemOf } from './problem.js';
import { EventReader, type StreamEvent } from './sse.js';
import { textOf } from './text-stream.js';

/**
 * The one stream of a visible tab, with the topics of its screen. Hidden for 10 s: closed, and opened where it was when the
 * tab is looked at again. Lost: it is opened again after a while, and whoever shows something asks every 10 s meanwhile.
 */
export type LiveState = 'live' | 'connecting' | 'lost' | 'paused' | 'off';
export const liveState = signal<LiveState>('off');
/** Whether the user has stopped all of it. */
export const livePaused = signal(false);
/** When the server was last heard. */
export const heardAt = signal(0);

interface Listener {
  topics: readonly string[];
  hear: (event: StreamEvent) => void;
}

const CLOSED_WHEN_HIDDEN_MS = 10_000;
/** Heartbeats come every 15 s. */
const SILENCE_MS = 40_000;
/** Screens change their topics one after the other. */
const SETTLE_MS = 30;

const listeners = new Set<Listener>();
let open: { topics: string; abort: AbortController } | null = null;
let lastId: string | null = null;
let failures = 0;
let hidden = false;
let settling: ReturnType<typeof setTimeout> | undefined;
let retrying: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Calls `hear` with each event of the topics, and with `hello`, `reset` and `gap`: after these, what is shown is asked again. */
export function useTopics(topics: readonly string[], hear: (event: StreamEvent) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  const key = topics.join(',');
  useEffect(() => {
    if (key === '') return;
    return listen(key.split(','), (event) => latest.current(event));
  }, [key]);
}

/** Answers how to stop. */
export function listen(topics: readonly string[], hear: (event: StreamEvent) => void): () => void {
  const listener = { topics, hear };
  listeners.add(listener);
  settle();
  return () => {
    listeners.delete(listener);
    settle();
  };
}

/** Ends the stream, and begins it again, where topics or the wish for it have changed. */
function settle(): void {
  clearTimeout(settling);
  settling = setTimeout(adjust, SETTLE_MS);
}

function adjust(): void {
  const topics = [...new Set([...listeners].flatMap((listener) => listener.topics))].sort().join(',');
  const isWanted = topics !== '' && !hidden && !livePaused.value;
  if (isWanted && open?.topics === topics) return;
  clearTimeout(retrying);
  open?.abort.abort();
  open = null;
  if (isWanted) start(topics);
  else liveState.value = livePaused.value ? 'paused' : 'off';
}

function start(topics: string): void {
  const abort = new AbortController();
  open = { topics, abort };
  if (liveState.value !== 'lost') liveState.value = 'connecting';
  follow(topics, abort).then(
    () => lost(abort, null),
    (error: unknown) => lost(abort, error),
  );
}

async function follow(topics: string, abort: AbortController): Promise<void> {
  const silence = watchSilence(abort);
  try {
    const headers = { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) };
    const sent = { signal: abort.signal, headers };
    const response = await checked(await request('GET', '/v1/events', { topics }, sent));
    failures = 0;
    liveState.value = 'live';
    const reader = new EventReader();
    for await (const piece of textOf(response)) {
      silence.heard();
      heardAt.value = Date.now();
      for (const event of reader.push(piece)) tell(event);
    }
  } finally {
    silence.stop();
  }
}

function watchSilence(abort: AbortController): { heard: () => void; stop: () => void } {
  const begin = (): ReturnType<typeof setTimeout> => setTimeout(() => abort.abort(new Error('silence')), SILENCE_MS);
  let timer = begin();
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    heard() {
      stop();
      timer = begin();
    },
  };
}

function tell(event: StreamEvent): void {
  // The first stream misses nothing: what is shown was asked a moment ago.
  const isFirst = event.event === 'hello' && lastId === null;
  if (event.id !== null) lastId = event.id;
  if (isFirst) return;
  const isControl = event.event === 'hello' || event.event === 'reset' || event.event === 'gap';
  for (const { topics, hear } of [...listeners]) {
    if (isControl || topics.some((topic) => topic === event.event)) hear(event);
  }
}

function lost(abort: AbortController, error: unknown): void {
  // Another stream has begun, or none is wanted.
  if (open?.abort !== abort) return;
  open = null;
  failures++;
  liveState.value = failures > 1 || error !== null ? 'lost' : 'connecting';
  if (error instanceof ApiProblem && error.status === 401) return;
  const asked = error instanceof ApiProblem ? (problemOf(error).retryAfterMs ?? 0) : 0;
  retrying = setTimeout(adjust, Math.max(asked, backOffMs(failures, Math.random())));
}

/** Tries at once: the user asked, or the tab is looked at again. */
export function reconnect(): void {
  failures = 0;
  settle();
}

/** Stops everything that changes by itself, or goes on. */
export function pauseLive(paused: boolean): void {
  livePaused.value = paused;
  if (paused) liveState.value = 'paused';
  settle();
}

/** To be called once. */
export function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.visibilityState === 'visible') {
      hidden = false;
      reconnect();
      return;
    }
    hiding = setTimeout(() => {
      hidden = true;
      settle();
    }, CLOSED_WHEN_HIDDEN_MS);
  });
  addEventListener('online', reconnect);
}

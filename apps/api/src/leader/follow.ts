import type { Facts } from '@drover/api';
import { messageOf, Pause, type Runtime } from '@drover/runtime';
import type { Log } from '@drover/observability';
import type { Access } from '../access/access.js';
import type { Live, Snapshot } from '../live/live.js';
import type { LeaderWatch } from './leader-watch.js';
import type { ReplicaClient } from './request-json.js';

/** The address at which replicas follow the leader. */
export const FOLLOW_PATH = '/internal/follow';
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** The leader says something every few seconds. */
const SILENT_MS = 10_000;

/** A line of the stream that followers read. */
export type Told = { kind: 'snapshot'; snapshot: Snapshot } | { kind: 'facts'; facts: Facts } | { kind: 'heartbeat' };

export interface FollowerOptions {
  schedulerId: string;
  leader: LeaderWatch;
  live: Live;
  client: ReplicaClient;
  access: Pick<Access, 'replicaHeaders'>;
  runtime: Runtime;
  log: Log;
}

/** Keeps one stream to the leader's API open, whoever leads, and tells `live` what it hears there. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #pause = new Pause();
  readonly #removeListener: () => void;
  #aborter = new AbortController();
  #closed = false;
  #done: Promise<void>;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#removeListener = options.leader.onChange(() => this.#lookAgain());
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#removeListener();
    this.#lookAgain();
    await this.#done;
  }

  #lookAgain(): void {
    this.#aborter.abort(new Error('the leader has changed'));
    this.#aborter = new AbortController();
    this.#pause.end();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { leader, schedulerId, live, runtime } = this.#options;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#isClosed();) {
      const now = leader.current;
      const isOther = now !== null && now.id !== schedulerId;
      const { signal } = this.#aborter;
      const heard = isOther && now.api !== undefined ? await this.#listen(now.api, signal) : false;
      // The scheduler of this process may lead by now, and have said so already.
      if (isOther && live.epoch === now.epoch) live.silent();
      if (this.#isClosed()) return;
      if (leader.current !== now) {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      pauseMs = heard ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      await this.#pause.sleep(runtime, isOther ? pauseMs * (0.5 + runtime.random()) : LONGEST_PAUSE_MS);
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** Until the stream ends. Whether anything was heard. */
  async #listen(api: string, stop: AbortSignal): Promise<boolean> {
    const { client, access, runtime, log } = this.#options;
    const silence = new AbortController();
    let timer = runtime.after(SILENT_MS, () => silence.abort(new Error('nothing was heard')));
    let heard = false;
    try {
      const signal = AbortSignal.any([stop, silence.signal]);
      const answer = await client.open(new URL(api + FOLLOW_PATH), {
        method: 'GET',
        headers: access.replicaHeaders('GET', FOLLOW_PATH),
        signal,
      });
      if (answer.statusCode !== 200) {
        answer.resume();
        throw new Error(`it answered ${answer.statusCode ?? 0}`);
      }
      answer.setEncoding('utf8');
      let rest = '';
      for await (const part of answer) {
        const lines = (rest + (part as string)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') this.#told(JSON.parse(line) as Told);
        heard = true;
        timer.cancel();
        timer = runtime.after(SILENT_MS, () => silence.abort(new Error('nothing was heard')));
      }
    } catch (error) {
      if (!stop.aborted) log.event('api.leader-silent', { api, reason: messageOf(error) });
    } finally {
      timer.cancel();
    }
    return heard;
  }

  #told(told: Told): void {
    const { live, leader } = this.#options;
    if (told.kind === 'heartbeat') live.heard();
    else if (told.kind === 'facts') live.apply(told.facts);
    else live.restore(told.snapshot);
    if (live.epoch !== null) leader.spoke(live.epoch);
  }
}

/** The leader's API sends this to those that follow it. `send` returns false when the follower is too slow. */
export function tellFollower(live: Live, runtime: Runtime, send: (told: Told) => boolean, end: () => void): () => void {
  send({ kind: 'snapshot', snapshot: live.snapshot() });
  const beat = runtime.every(SILENT_MS / 3, () => void send({ kind: 'heartbeat' }));
  const stop = live.onFacts((facts) => {
    if (!send({ kind: 'facts', facts })) end();
  });
  return () => {
    beat.cancel();
    stop();
  };
}

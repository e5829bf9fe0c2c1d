import { parseRevision } from '@drover/api';
import { Changes } from '@drover/testing';
import test from 'ava';
import { leaderOf, world } from './world.js';

interface Event {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
}

/** A client of `/v1/events`, as docs/api.md wants it: it goes on at the next replica, from the last place that it was told. */
class Follower {
  readonly told: Event[] = [];
  /** How often it had to begin again. */
  begun = 0;
  readonly #changes = new Changes();
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;

  /** `urls`: the first one is asked first. */
  constructor(urls: readonly string[], topics: readonly string[]) {
    this.#ended = this.#run(urls, `/v1/events?topics=${topics.join(',')}`);
  }

  first(accept: (event: Event) => boolean): Promise<Event> {
    return this.#changes.until(() => this.told.find(accept));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async #run(urls: readonly string[], path: string): Promise<void> {
    while (!this.#closing.signal.aborted)
      await this.#read(`${urls[this.begun++ % urls.length] ?? ''}${path}`).catch(() => undefined);
  }

  async #read(url: string): Promise<void> {
    const last = this.told.at(-1)?.id ?? null;
    const headers = { accept: 'application/x-ndjson', ...(last === null ? {} : { 'last-event-id': last }) };
    const answer = await fetch(url, { headers, signal: this.#closing.signal });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.told.push(JSON.parse(line) as Event);
      this.#changes.wake();
    }
  }
}

const epochOf = (revision: string | null): number => parseRevision(revision ?? '')?.epoch ?? 0;

test('the leader is killed under open streams and long polls: they go on with the next one, and miss no final state', async (t) => {
  const { cluster, drover } = await world(t);
  const flags = ['--api-listen', '127.0.0.1:0', '--session-timeout', '3s'];
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...flags));
  const urls = new Map<string, string>();
  for (const { name, event } of schedulers.map((member) => ({
    name: member.name,
    event: member.event('api.listening'),
  })))
    urls.set(name, String((await event).url));
  const leader = await leaderOf(schedulers);
  const other = schedulers.find((member) => member !== leader)!;
  const [atLeader, atOther] = [urls.get(leader.name) ?? '', urls.get(other.name) ?? ''];
  await cluster.worker('w1', '--session-timeout', '3s').event('worker.registered');

  // They end before the leader dies, while nobody leads, and under the next leader.
  const running = [];
  for (const ms of [0, 1_500, 3_000, 8_000]) running.push(await drover.submit('work', { n: ms, ms }));
  const topics = ['overview', ...running.map(({ id }) => `task:${id}`)];
  const followers = [new Follower([atOther], topics), new Follower([atLeader, atOther], topics)];
  t.teardown(() => Promise.all(followers.map((follower) => follower.close())));
  await cluster.effectsReach(running.length);
  const hellos = await Promise.all(
    followers.map((follower) => follower.first(({ event, id }) => event === 'overview' && id !== null)),
  );
  const before = epochOf(hellos[0]?.id ?? null);

  /** Waits for news again and again, until there are some of another leader. */
  const poll = async (): Promise<{ leader: { id: string } | null; revision: string | null }> => {
    let after = hellos[0]?.id ?? '';
    for (;;) {
      const answer = await fetch(`${atOther}/v1/overview?after=${after}&wait=60s`);
      if (answer.status === 304) continue;
      const overview = (await answer.json()) as Awaited<ReturnType<typeof poll>>;
      if (epochOf(overview.revision) > before) return overview;
      after = overview.revision ?? after;
    }
  };
  const polled = poll();
  leader.signal('SIGKILL');
  const late = await drover.submit('work', { n: 1, ms: 0 });

  t.like(await polled, { leader: { id: other.name } });
  for (const task of [...running, late]) await task.result();
  for (const [at, follower] of followers.entries()) {
    for (const { id } of running)
      await follower.first(({ event, data }) => event === `task:${id}` && data.state === 'succeeded');
    const reset = await follower.first(
      ({ event, id }) => (event === 'reset' || event === 'gap') && epochOf(id) > before,
    );
    const overview = await follower.first(
      ({ event, data }) => event === 'overview' && (data.leader as { id: string } | null)?.id === other.name,
    );
    t.true(follower.told.indexOf(overview) > follower.told.indexOf(reset) || epochOf(overview.id) > before);
    const epochs = follower.told.map(({ id }) => epochOf(id));
    t.deepEqual(
      epochs,
      [...epochs].sort((a, b) => a - b),
      'nothing of an earlier leader comes later',
    );
    if (at === 0) t.is(follower.begun, 1, 'the stream of the other replica stayed open');
    else t.true(follower.begun > 1);
  }
});

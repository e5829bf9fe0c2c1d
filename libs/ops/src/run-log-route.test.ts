import { createMetrics } from '@drover/observability';
import test from 'ava';
import { startOps } from './ops-server.js';
import type { ServedLine } from './run-log-route.js';

type Listener = (line: ServedLine | null) => void;

/** The log of one attempt, which the test writes. */
class Written {
  hasEnded = false;
  readonly written: ServedLine[] = [];
  readonly listeners = new Set<Listener>();
  #left: () => void = () => undefined;
  /** Resolves when somebody stops to follow. */
  readonly left = new Promise<void>((resolve) => (this.#left = resolve));

  lines(most = 200): ServedLine[] {
    return this.written.slice(-most);
  }

  follow(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      this.#left();
    };
  }

  say(text: string): void {
    const line = { seq: this.written.length + 1, at: 1, level: 'info', text };
    this.written.push(line);
    for (const listener of this.listeners) listener(line);
  }

  end(): void {
    this.hasEnded = true;
    for (const listener of this.listeners) listener(null);
  }
}

async function served(t: { teardown(undo: () => Promise<void>): void }) {
  const log = new Written();
  const server = await startOps({
    listen: { host: '127.0.0.1', port: 0 },
    metrics: createMetrics({ role: 'worker' }),
    health: () => ({ ready: true, why: 'ok', hasConnected: true }),
    runLogs: { secret: 's3cret', find: (task, attempt) => (task === 'T.0' && attempt === 2 ? log : null) },
  });
  t.teardown(() => server.close());
  const get = (path: string, secret = 's3cret') =>
    fetch(`${server.url}/v1/runs/${path}`, { headers: { authorization: `Bearer ${secret}` } });
  return { log, get };
}

const textsOf = (ndjson: string): string[] =>
  ndjson.trim().split('\n').map((line) => (JSON.parse(line) as ServedLine).text); // prettier-ignore

test('the lines of a run are served to whoever shows the secret', async (t) => {
  const { log, get } = await served(t);
  for (const text of ['a', 'b', 'c']) log.say(text);
  t.is((await get('T.0/2/log', 'wrong')).status, 401);
  t.is((await get('T.0/1/log')).status, 404);
  t.is((await get('T.1/2/log')).status, 404);
  const answer = await get('T.0/2/log');
  t.is(answer.headers.get('content-type'), 'application/x-ndjson');
  t.deepEqual(textsOf(await answer.text()), ['a', 'b', 'c']);
  t.deepEqual(textsOf(await (await get('T.0/2/log?tail=2')).text()), ['b', 'c']);
});

test('who follows gets further lines as they come, until the run ends', async (t) => {
  const { log, get } = await served(t);
  log.say('before');
  const answer = await get('T.0/2/log?follow=1');
  log.say('after');
  log.end();
  t.deepEqual(textsOf(await answer.text()), ['before', 'after']);
  t.deepEqual(textsOf(await (await get('T.0/2/log?follow=1')).text()), ['before', 'after']);
});

test('nobody is told any more who has hung up', async (t) => {
  const { log, get } = await served(t);
  log.say('before');
  const answer = await get('T.0/2/log?follow=1');
  t.is(log.listeners.size, 1);
  await answer.body?.cancel();
  await log.left;
  t.is(log.listeners.size, 0);
});

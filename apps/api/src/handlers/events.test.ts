import { silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { ANYBODY } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { Live } from '../live/live.js';
import { Waits } from '../server/waits.js';
import { StreamHub } from '../streams/hub.js';
import { eventHandlers } from './events.js';

/** Counts those who listen to what the stream listens to. */
function world(): { context: ApiContext; listeners: () => number } {
  let count = 0;
  const listen = (): (() => void) => {
    count++;
    return () => {
      count--;
    };
  };
  const context = {
    ...{ runtime: systemRuntime, metrics: silentMetrics, live: new Live(systemRuntime), waits: new Waits() },
    ...{ leader: { onChange: listen }, members: { onChange: listen }, audit: { follow: listen } },
    ...{ onOperation: listen, access: { untilRevoked: listen }, stopping: new AbortController().signal },
    hub: new StreamHub(systemRuntime, { overview: () => Promise.resolve({}), schedules: () => Promise.resolve('') }),
  } as unknown as ApiContext;
  return { context, listeners: () => count };
}

const open = (context: ApiContext, signal: AbortSignal) =>
  eventHandlers.streamEvents!(
    {
      ...{ params: {}, query: { topics: 'overview' }, body: undefined, headers: {}, caller: ANYBODY, signal },
      ...{ from: '', requestId: '' },
    },
    context,
  );

test('a stream whose client is gone leaves nothing behind, whenever it went', async (t) => {
  for (const goes of ['before', 'after']) {
    const { context, listeners } = world();
    t.teardown(() => context.hub.close());
    const client = new AbortController();
    if (goes === 'before') client.abort();
    const { lines } = await open(context, client.signal);
    client.abort();
    for await (const _line of lines!);
    t.deepEqual([listeners(), context.hub.size, context.waits.streams], [0, 0, 0], goes);
  }
});

import { may } from '../access/caller.js';
import { ApiError } from '../api-error.js';
import { EventStream, positionOf } from '../streams/event-stream.js';
import { topicsOf } from '../streams/topics.js';
import type { Handlers } from './handler.js';
import { batchOf } from './batch-of.js';
import { taskOf } from './task-of.js';

export const eventHandlers: Handlers = {
  streamEvents: async ({ query, headers, caller, signal }, context) => {
    const { topics: text, from } = query as { topics: string; from?: string };
    const topics = topicsOf(text);
    if (topics.names.has('audit') && !may(caller, 'administer'))
      throw new ApiError('forbidden', 'the topic audit is for those who administer', { needs: 'administer' });
    for (const id of topics.tasks) await taskOf(context, id, caller);
    for (const id of topics.batches) await batchOf(context, id, caller);
    const last = headers['last-event-id'];
    const fromText = from ?? (typeof last === 'string' && last !== '' ? last : null);
    const position = positionOf(fromText);
    if (fromText !== null && fromText !== 'now' && position === null) throw wrong(fromText);
    const release = context.waits.stream();
    const stream = new EventStream({
      ...{ context, topics, caller, from: position, fromText },
      overview: (who) => context.hub.overviewOf(who),
      schedules: (who) => context.hub.schedulesOf(who),
      onEnd: (reason) => {
        release();
        context.hub.remove(stream);
        context.metrics.count('drover_api_stream_ends_total', { reason });
      },
    });
    context.hub.add(stream);
    signal.addEventListener('abort', () => stream.gone(), { once: true });
    // The client may have gone while its tasks and batches were looked up.
    if (signal.aborted) stream.gone();
    return { status: 200, lines: stream.lines };
  },
};

const wrong = (given: string): ApiError =>
  new ApiError(
    'invalid-argument',
    `from: expected 'now' or a revision such as 7.1834, got ${JSON.stringify(given.slice(0, 80))}`,
    {
      field: 'from',
      expected: "'now', or a revision",
    },
  );

import { schemas, type Shape } from '@drover/api';
import { filterTerm, formatFilter, nearest } from '@drover/core';
import { sleep } from '@drover/runtime';
import type { ApiClient } from '../api/api-client.js';
import { ApiUnreachableError } from '../api/errors.js';
import { withApi } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showEvent } from '../views/event.js';

type Event = Shape<'event'>;

const DEFAULT_TOPICS = 'failures,workers,schedulers,schedules';
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

export const command: Command = {
  options: {
    topics: {
      type: 'string',
      requiresArg: true,
      describe: `Comma-separated: ${schemas.TOPICS.join(', ')}, task:ID, batch:ID`,
      defaultDescription: DEFAULT_TOPICS,
    },
    from: {
      type: 'string',
      requiresArg: true,
      describe: 'now, or the revision of an event: go on behind it',
      defaultDescription: 'now',
    },
    queue: { type: 'string', requiresArg: true, describe: 'Only events of this queue, where they have one' },
    ...CLIENT_OPTIONS,
  },
  details: `Prints events as they happen, until it is stopped. It connects again by itself, and goes on behind the last event; a line
says which events are missing. Needs the API of a scheduler.`,
  examples: [
    ['drover events', 'failures, workers, schedulers and schedules'],
    ['drover events --topics task:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'what becomes of one task'],
    ['drover events --topics failures --queue mail --json', 'for programs, one document a line'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const topics = topicsOf(textArg(args, 'topics') ?? DEFAULT_TOPICS);
    const from = fromOf(textArg(args, 'from'));
    const queue = textArg(args, 'queue');
    const q = queue === undefined ? {} : { q: formatFilter([filterTerm('queue', queue)]) };
    return withApi(environment, (api) => follow(environment, api, { topics, from, ...q }));
  },
};

/** Throws `UsageError`. */
function topicsOf(given: string): string {
  const topics = given.split(',').map((topic) => topic.trim());
  for (const topic of topics) {
    if (/^(task|batch):\S+$/.test(topic) || (schemas.TOPICS as readonly string[]).includes(topic)) continue;
    const near = nearest(topic, schemas.TOPICS);
    const hint =
      near === null ? `expected some of ${schemas.TOPICS.join(', ')}, task:ID, batch:ID` : `did you mean '${near}'?`;
    throw new UsageError(`--topics: unknown topic '${topic}'; ${hint}`);
  }
  return topics.join(',');
}

function fromOf(given: string | undefined): string | undefined {
  if (given === undefined || given === 'now' || /^\d+\.\d+$/.test(given)) return given;
  throw new UsageError(`--from: expected now, or a revision such as 7.1834, got '${given}'`);
}

interface Wanted {
  topics: string;
  from: string | undefined;
  q?: string;
}

/** Ends only when the process is stopped, or with an error before the first event. */
async function follow(environment: Environment, api: ApiClient, wanted: Wanted): Promise<number> {
  const { stderr, runtime, signal, colors } = environment;
  let from = wanted.from;
  let pauseMs = FIRST_PAUSE_MS;
  let isKnown = false;
  while (!signal.aborted) {
    let retryMs: number | null = null;
    try {
      for await (const event of api.lines<Event>('streamEvents', { query: { ...wanted, from } })) {
        isKnown = true;
        pauseMs = FIRST_PAUSE_MS;
        from = event.id ?? from;
        if (event.event === 'bye') retryMs = (event.data as Shape<'bye'>).retryMs;
        await show(environment, event);
      }
    } catch (error) {
      if (!isKnown || !(error instanceof ApiUnreachableError)) throw error;
      stderr.note(colors.dim(`-- ${error.message}; trying again --`));
    }
    await sleep(runtime, retryMs ?? pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  return EXIT.DONE;
}

async function show({ json, stdout, colors }: Environment, event: Event): Promise<void> {
  if (json) return stdout.json(event);
  const text = showEvent(event, colors);
  if (text !== null) await stdout.line(text);
}

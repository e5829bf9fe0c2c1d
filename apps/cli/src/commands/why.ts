import type { Drover, WhyView } from '@drover/client';
import type { Via } from '@drover/config';
import { filterTerm, formatFilter, localTask, parseName, parseType } from '@drover/core';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { showWhy } from '../views/why.js';
import { showWhyOfMany, type WhyOfMany } from '../views/why-of-many.js';

/** Tasks of a queue or a type that are asked about. */
const SAMPLE = 50;
/** Questions under way at a time. */
const AT_A_TIME = 8;

export const command: Command = {
  positionals: {
    'task-id': {
      type: 'string',
      defaultDescription: 'none',
      describe: 'Id of a task, as printed by submit, or of a run, as printed by flow start',
    },
  },
  options: {
    queue: { type: 'string', requiresArg: true, describe: 'Why tasks of this queue wait, by reason' },
    type: { type: 'string', requiresArg: true, describe: 'Why tasks of this type wait, by reason' },
    ...CLIENT_OPTIONS,
  },
  examples: [
    ['drover why 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 'the reason to mend first, then all of them'],
    ['drover why 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0 --json | jq -r .sentence', 'only the first reason'],
    ['drover why 01M8PN6AN2C92JF64B0ABB3A0J.0', 'of the id of a run: what each of its steps waits for'],
    ['drover why --queue images', 'how many of its tasks wait for which reason'],
  ],
  details: `The leader answers: by ZooKeeper the command writes a small znode below /commands and removes it. --queue and --type ask
about ${SAMPLE} tasks that wait at most.`,
  run: async (environment) => {
    const { args, json, stdout, colors } = environment;
    const id = textArg(args, 'taskId');
    const filter = filterOf(args);
    if (id === undefined && filter === null)
      throw new UsageError('missing argument: the id of a task or a run, or --queue NAME, or --type NAME');
    if (id !== undefined && filter !== null) throw new UsageError('give an id, or --queue and --type, not both');
    if (id !== undefined) localTask(id);
    return withClient(environment, async (drover, via) => {
      if (id === undefined) return whyOfMany(environment, drover, filter ?? '', via);
      const view = await drover.why(id);
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (json) await stdout.json({ ...view, via });
      else await stdout.line(showWhy(view, environment.runtime.now(), colors, width));
      return EXIT.DONE;
    });
  },
};

/** Null: neither a queue nor a type was given. */
function filterOf(args: Environment['args']): string | null {
  const [queue, type] = [textArg(args, 'queue'), textArg(args, 'type')];
  if (queue === undefined && type === undefined) return null;
  if (queue !== undefined) parseName('--queue', queue);
  if (type !== undefined) parseType(type);
  return formatFilter([
    filterTerm('state', 'pending,scheduled,retrying'),
    ...(queue === undefined ? [] : [filterTerm('queue', queue)]),
    ...(type === undefined ? [] : [filterTerm('type', type)]),
  ]);
}

async function whyOfMany(environment: Environment, drover: Drover, filter: string, via: Via): Promise<number> {
  const { json, stdout, colors, signal } = environment;
  const ids: string[] = [];
  // One more tells whether there are more.
  for await (const { id } of drover.list({ filter, limit: SAMPLE + 1, signal })) ids.push(id);
  const views: WhyView[] = [];
  const asked = ids.slice(0, SAMPLE);
  for (let from = 0; from < asked.length; from += AT_A_TIME)
    views.push(...(await Promise.all(asked.slice(from, from + AT_A_TIME).map((id) => drover.why(id)))));
  const summary = summaryOf(views, ids.length > SAMPLE);
  if (json) await stdout.json({ filter, ...summary, via });
  else await stdout.line(showWhyOfMany(summary, colors, stdout.isTerminal ? stdout.columns : Infinity));
  return EXIT.DONE;
}

/** Counts tasks by the reason to mend first, the most frequent first. Pure. */
export function summaryOf(views: readonly WhyView[], hasMore: boolean): WhyOfMany {
  const reasons = new Map<string, WhyOfMany['reasons'][number]>();
  for (const { task, sentence, reasons: all } of views) {
    const code = (all.find(({ blocking }) => blocking) ?? all[0])?.code ?? 'unknown';
    // Sentences may name times and places that differ: the first stands for all of its code.
    const known = reasons.get(code);
    if (known === undefined) reasons.set(code, { code, count: 1, sentence, example: task });
    else known.count++;
  }
  const sorted = [...reasons.values()].sort((a, b) => b.count - a.count);
  return { asked: views.length, hasMore, reasons: sorted };
}

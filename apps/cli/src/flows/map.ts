import type { Run } from '@drover/client';
import { binaryKind, readLines } from '@drover/runtime';
import { withClient } from '../client.js';
import { textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, numberArg } from '../schedules/options.js';
import { readExactly } from '../tasks/task-line.js';
import { readFile } from '../tasks/task-file.js';
import { openTaskSource } from '../tasks/task-source.js';
import { formatCount } from '../views/format.js';
import { optionsOf, START_OPTIONS, waitOf } from './start.js';

/** Items between two notes of how far the reading is. */
const NOTED_EVERY = 10_000;

export const command: Command = {
  positionals: { type: { type: 'string', describe: 'Task type that runs for each item' } },
  options: {
    from: { type: 'string', requiresArg: true, describe: 'File of items, one JSON value a line; - for standard input' },
    reduce: { type: 'string', requiresArg: true, describe: 'Task type that combines results to one' },
    arity: { type: 'string', requiresArg: true, describe: 'Results of one reducing task', defaultDescription: '500' },
    concurrency: {
      type: 'string',
      requiresArg: true,
      describe: 'Items that are out at a time',
      defaultDescription: 'no limit',
    },
    tolerate: {
      type: 'string',
      requiresArg: true,
      describe: 'Items that may fail, e.g. 10 or 1%',
      defaultDescription: 'none',
    },
    ...START_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details: `Items are read as fast as ZooKeeper takes them, up to a million; the run begins when the last one is there, so that a bad
line starts nothing. Without --wait it prints the id of the run; with it the result: of the reduce, or null.`,
  examples: [
    ['drover map count-words --from files.ndjson --reduce merge --wait', 'one result of many files'],
    [`ls | jq -R . | drover map resize --from - --tolerate 1%`, 'a task for each line of another program'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const from = textArg(args, 'from');
    if (from === undefined) throw new UsageError('give --from FILE, or --from - for standard input');
    const options = optionsOf(args);
    const wait = waitOf(args);
    const [arity, concurrency, tolerate] = [
      numberArg(args, 'arity'),
      numberArg(args, 'concurrency'),
      textArg(args, 'tolerate'),
    ];
    const reduce = textArg(args, 'reduce');
    if (arity !== undefined && reduce === undefined) throw new UsageError('--arity needs --reduce');
    const tolerated = tolerate === undefined ? undefined : /^\d+$/.test(tolerate) ? Number(tolerate) : tolerate;
    return withClient(environment, async (drover) => {
      const items = itemsOf(environment, from);
      const mapped = drover.map(textArg(args, 'type') ?? '', items, {
        ...given('concurrency', concurrency),
        ...given('tolerate', tolerated as '1%' | undefined),
      });
      const all = reduce === undefined ? mapped : mapped.reduce(reduce, given('arity', arity));
      return follow(environment, await all.run(options), wait);
    });
  },
};

/** The items of the lines, as they are read. Throws `UsageError` that names the line that is none. */
async function* itemsOf(environment: Environment, from: string): AsyncGenerator {
  const { stderr, json } = environment;
  const source = await openTaskSource(from, environment.stdin);
  let count = 0;
  try {
    const chunks = 'file' in source ? readFile(source.file, await source.file.stat({ bigint: true })) : source.stream;
    for await (const lines of readLines(textOnly(chunks as AsyncIterable<Buffer>, source.name)))
      for (const { number, text } of lines) {
        environment.signal.throwIfAborted();
        const read = text === null ? { problem: 'expected UTF-8 text of 256 KiB at most' } : readExactly(text);
        if ('problem' in read)
          throw new UsageError(`${source.name}: line ${number}: ${read.problem}; no run was started`);
        yield read.value;
        if (++count % NOTED_EVERY === 0 && !json && stderr.isTerminal) stderr.note(`${formatCount(count)} items read`);
      }
    if (!json) stderr.note(`${formatCount(count)} ${count === 1 ? 'item' : 'items'} read`);
  } finally {
    if ('file' in source) await source.file.close();
  }
}

async function* textOnly(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const kind = isFirst ? binaryKind(chunk) : null;
    isFirst = false;
    if (kind !== null) throw new UsageError(`${name} is ${kind}, expected JSON lines in UTF-8`);
    yield chunk;
  }
}

async function follow(
  { json, stdout, stderr, interruption, signal }: Environment,
  run: Run,
  wait: { timeout?: number } | null,
): Promise<number> {
  const { id, deduplicated } = run;
  const document = { run: id, ...(deduplicated && { deduplicated }) };
  interruption.note = () => `run ${id} continues; see 'drover flow tree ${id}'`;
  if (wait === null) {
    await (json ? stdout.json(document) : stdout.line(id));
    return EXIT.DONE;
  }
  if (!json)
    stderr.note(deduplicated ? `${id} has this key and is not finished: nothing was started` : `${id} started`);
  const result = await run.result({ ...wait, signal });
  await (json
    ? stdout.json({ ...document, state: 'succeeded', result })
    : stdout.line(JSON.stringify(result, null, 2)));
  return EXIT.DONE;
}

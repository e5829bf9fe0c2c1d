import type { FlowRunSummary } from '@drover/client';
import { nearest } from '@drover/core';
import { dotOf, mermaidOf, type RunState } from '@drover/flow';
import { withClient } from '../client.js';
import { textArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { given, numberArg } from '../schedules/options.js';
import { TableStream } from '../views/table.js';
import { mostOf, PICTURE_OPTIONS, pictureOf } from './check.js';
import { RUN, runArg } from './run-options.js';
import { showRun } from './run-picture.js';
import { RUN_COLUMNS, runRow, showRunFields } from './run-view.js';

const STATES: readonly RunState[] = ['waiting', 'running', 'succeeded', 'failed', 'cancelled'];
const SHOWN = 100;

export const ls: Command = {
  options: {
    state: { type: 'string', requiresArg: true, describe: `Only runs in these states: some of ${STATES.join(', ')}` },
    name: { type: 'string', requiresArg: true, describe: 'Only runs of the flow of this name' },
    queue: { type: 'string', requiresArg: true, describe: 'Only runs of this queue' },
    limit: { type: 'string', requiresArg: true, describe: 'Number of runs', defaultDescription: String(SHOWN) },
    ...CLIENT_OPTIONS,
  },
  details: 'The newest first. Asks the leader.',
  examples: [
    ['drover flow ls --state failed', 'runs that have failed and are still kept'],
    ['drover flow ls --name nightly --limit 5', 'the last five runs of one flow'],
    ['drover flow ls --state running,waiting --json', 'one document a line'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const options = {
      ...given('flow', textArg(args, 'name')),
      ...given('states', statesOf(textArg(args, 'state'))),
      ...given('queues', textArg(args, 'queue') === undefined ? undefined : [textArg(args, 'queue') ?? '']),
      limit: numberArg(args, 'limit') ?? SHOWN,
    };
    return withClient(environment, async (drover, via) => {
      const table = new TableStream(RUN_COLUMNS, colors, stdout.isTerminal ? stdout.columns : Infinity);
      let count = 0;
      const show = async (run: FlowRunSummary): Promise<void> => {
        if (json) await stdout.json({ ...run, via });
        else for (const line of table.add(runRow(run, colors, runtime.now()))) await stdout.line(line);
      };
      for await (const run of drover.runs.list(options)) {
        count++;
        await show(run);
      }
      if (!json) for (const line of table.end()) await stdout.line(line);
      if (!json && count === 0) await stdout.line(colors.dim('no runs'));
      return EXIT.DONE;
    });
  },
};

/** Throws `UsageError`. */
function statesOf(text: string | undefined): RunState[] | undefined {
  return text?.split(',').map((each) => {
    const found = STATES.find((state) => state === each.trim());
    if (found !== undefined) return found;
    const near = nearest(each.trim(), STATES);
    const hint = near === null ? '' : `; did you mean '${near}'?`;
    throw new UsageError(`--state: expected some of ${STATES.join(', ')}, got '${each}'${hint}`);
  });
}

export const get: Command = {
  positionals: RUN,
  options: CLIENT_OPTIONS,
  details: 'Asks the leader, which knows how far each step is.',
  examples: [
    ['drover flow get 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0', 'state, steps and result of a run'],
    ['drover flow get 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 --json | jq .steps', 'how far each step is'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const run = runArg(args);
    return withClient(environment, async (drover, via) => {
      const view = await drover.runs.get(run, { output: true });
      if (json) await stdout.json({ ...view, via });
      else await stdout.line(showRunFields(view, colors, runtime.now()));
      return EXIT.DONE;
    });
  },
};

export const tree: Command = {
  positionals: RUN,
  options: { ...PICTURE_OPTIONS, ...CLIENT_OPTIONS },
  details: `A line a step, by level: each level waits for the one before it. ✔ succeeded, ✘ failed, ▶ running, · waiting,
■ cancelled, ↷ skipped.`,
  examples: [
    ['drover flow tree 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0', 'its steps, how far each is, and what it waits for'],
    ['drover flow tree 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0 --dot | dot -Tsvg > run.svg', 'a drawing'],
  ],
  run: async (environment) => {
    const { args, json, stdout, colors, runtime } = environment;
    const run = runArg(args);
    const picture = pictureOf(args);
    return withClient(environment, async (drover, via) => {
      const [view, plan] = await Promise.all([drover.runs.get(run), drover.runs.plan(run)]);
      const width = stdout.isTerminal ? stdout.columns : Infinity;
      if (json) await stdout.json({ ...view, plan, via });
      else if (picture === 'mermaid') await stdout.line(mermaidOf(plan, view));
      else if (picture === 'dot') await stdout.line(dotOf(plan, view));
      else await stdout.line(showRun(plan, view, colors, { now: runtime.now(), width, most: mostOf(args) }));
      return EXIT.DONE;
    });
  },
};

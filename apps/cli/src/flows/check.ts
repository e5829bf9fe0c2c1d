import { dotOf, mermaidOf, type Plan } from '@drover/flow';
import { textArg, flagArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { GENERAL, JSON_TEXT } from '../option-groups.js';
import { UsageError } from '../failure.js';
import { choosePlan, readPlans } from './flow-file.js';
import { showPlan } from './plan-picture.js';

/** The file that has the flow. */
export const FILE = {
  file: {
    type: 'string',
    describe: 'Module that exports flows (.mjs, .js, .ts where Node runs it), or a plan in JSON',
  },
} as const;
export const FLOW = {
  flow: {
    type: 'string',
    requiresArg: true,
    describe: 'Name of the export, or of the flow, where the file has several',
    defaultDescription: 'the default export, or the only flow',
  },
} as const;
/** Pictures for other programs, and how much of one people see. */
export const PICTURE_OPTIONS = {
  mermaid: { type: 'boolean', describe: 'As a Mermaid flowchart' },
  dot: { type: 'boolean', describe: 'As a Graphviz digraph' },
  all: { type: 'boolean', describe: 'Show every step; otherwise 20 of a level at most' },
} as const;
const MOST = 20;

export const mostOf = (args: Environment['args']): number => (flagArg(args, 'all') ? Infinity : MOST);

/** Throws `UsageError`. */
export function pictureOf(args: Environment['args']): 'text' | 'mermaid' | 'dot' {
  const [mermaid, dot] = [flagArg(args, 'mermaid'), flagArg(args, 'dot')];
  if (mermaid && dot) throw new UsageError('give --mermaid or --dot, not both');
  if (mermaid) return 'mermaid';
  return dot ? 'dot' : 'text';
}

export const command: Command = {
  positionals: FILE,
  options: {
    ...FLOW,
    ...PICTURE_OPTIONS,
    json: { type: 'boolean', group: GENERAL, describe: JSON_TEXT },
  },
  details: `Needs no server. A plan that cannot be run is refused with the reason, and exit code 2. Without --flow all flows of the
file are checked and shown. --json prints the plans, as they stand in ZooKeeper.`,
  examples: [
    ['drover flow check ./nightly.flow.mjs', 'its steps by level, or what is wrong'],
    ['drover flow check ./flows.mjs --flow nightly --mermaid', 'for a page that draws Mermaid'],
    ['drover flow check ./nightly.flow.mjs --json > nightly.json', 'a plan that flow start takes, too'],
  ],
  run: async (environment) => {
    const { args, stdout, json } = environment;
    const path = textArg(args, 'file') ?? '';
    const picture = pictureOf(args);
    const wanted = textArg(args, 'flow');
    const found = await readPlans(path);
    const plans = wanted === undefined ? found.map(({ plan }) => plan) : [choosePlan(path, found, wanted)];
    for (const [at, plan] of plans.entries()) {
      if (json) await stdout.json(plan);
      else await stdout.line(`${at === 0 ? '' : '\n'}${draw(plan, picture, environment)}`);
    }
    return EXIT.DONE;
  },
};

function draw(plan: Plan, picture: 'text' | 'mermaid' | 'dot', { args, stdout, colors }: Environment): string {
  if (picture === 'mermaid') return mermaidOf(plan);
  if (picture === 'dot') return dotOf(plan);
  return showPlan(plan, colors, { width: stdout.isTerminal ? stdout.columns : Infinity, most: mostOf(args) });
}

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Applied, NamedSchedule } from '@drover/client';
import { ASKED_OPTIONS, askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { LABEL } from './look.js';
import { given, labelsOf, planAt } from './options.js';

export const apply: Command = {
  options: {
    file: {
      alias: 'f',
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'File of schedules: YAML, JSON, or one JSON document a line; - is stdin',
    },
    prune: { type: 'boolean', describe: 'Remove schedules with the labels of --label that are not in the file' },
    label: { type: 'array', string: true, requiresArg: true, describe: 'With --prune: NAME=VALUE; may be repeated' },
    'dry-run': { type: 'boolean', describe: 'Show what would change' },
    ...ASKED_OPTIONS,
    ...CLIENT_OPTIONS,
  },
  details:
    'Each document is a schedule with its name, as "drover schedule export" prints it. `run.flow` may be the file of a flow, from ' +
    'where this file is: ./nightly.flow.mjs, or ./flows.mjs#nightly. The whole file is checked before anything is written.',
  examples: [
    ['drover schedule apply -f schedules.yaml --dry-run', 'what would change'],
    ['drover schedule apply -f schedules.yaml --prune --label app=x', 'and those of app x that are gone are removed'],
  ],
  run: async (environment) => {
    const { args } = environment;
    const labels = labelsOf(args);
    const prune = flagArg(args, 'prune');
    if (prune && labels === undefined) throw new UsageError('--prune needs --label: which schedules may it remove?');
    if (!prune && labels !== undefined) throw new UsageError('--label is for --prune');
    const file = textArg(args, 'file') ?? '-';
    const found = await parseFile(file, await readGiven(file, environment));
    const schedules = await Promise.all(found.map((each) => withFlow(each, file === '-' ? '.' : dirname(file))));
    const asked = askedOf(args);
    const { checkSchedules } = await import('@drover/client');
    checkSchedules(schedules, { now: environment.runtime.now() });
    return withClient(environment, async (drover) => {
      const options = { ...asked, dryRun: flagArg(args, 'dryRun'), ...given('prune', labels) };
      await tell(environment, await drover.schedules.apply(schedules, options));
      return EXIT.DONE;
    });
  },
};

/** A flow may be named by its file, from where the file of the schedules is: `./nightly.flow.mjs`, or `./flows.mjs#nightly`. */
async function withFlow(schedule: NamedSchedule, from: string): Promise<NamedSchedule> {
  const { run } = schedule as { run?: NamedSchedule['run'] | null };
  if (typeof run?.flow !== 'string' || run.plan !== undefined) return schedule;
  try {
    return { ...schedule, run: { ...run, flow: await planAt(run.flow, from) } };
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${schedule.name}: run.flow: ${error.message}`);
    throw error;
  }
}

async function readGiven(file: string, { stdin }: Environment): Promise<string> {
  if (file === '-') return text(stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** YAML is JSON's superset, and `---` parts documents; lines of JSON are told by each being a document. */
async function parseFile(file: string, content: string): Promise<NamedSchedule[]> {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 0 && lines.every((line) => line.trimStart().startsWith('{') && line.trimEnd().endsWith('}')))
    return lines.map((line, at) => parseLine(file, line, at));
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(content);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new UsageError(`${file}: ${error.message}`);
    const value: unknown = document.toJS();
    if (value === null) return [];
    return (Array.isArray(value) ? value : [value]) as NamedSchedule[];
  });
}

function parseLine(file: string, line: string, at: number): NamedSchedule {
  try {
    return JSON.parse(line) as NamedSchedule;
  } catch (error) {
    throw new UsageError(`${file} line ${at + 1}: not JSON (${(error as Error).message})`);
  }
}

async function tell({ json, stdout, colors }: Environment, applied: Applied): Promise<void> {
  if (json) return stdout.json(applied);
  for (const name of applied.created) await stdout.line(colors.green(`+ ${name}`));
  for (const name of applied.changed) await stdout.line(colors.yellow(`~ ${name}`));
  for (const name of applied.pruned) await stdout.line(colors.red(`- ${name}`));
  const { created, changed, unchanged, pruned } = applied;
  const counts = [`${created.length} created`, `${changed.length} changed`, `${unchanged.length} unchanged`];
  await stdout.line([...counts, `${pruned.length} pruned`].join(', '));
}

export const exportAll: Command = {
  options: { ...LABEL, ...CLIENT_OPTIONS },
  details: 'Prints one JSON document a line, which "drover schedule apply" takes.',
  examples: [['drover schedule export > schedules.ndjson', 'all of them']],
  run: async (environment) => {
    const { args, stdout } = environment;
    const labels = labelsOf(args);
    return withClient(environment, async (drover) => {
      for (const schedule of await drover.schedules.export(given('labels', labels))) await stdout.json(schedule);
      return EXIT.DONE;
    });
  },
};

import type { Options } from 'yargs';
import { parseDuration } from '@drover/core';
import { DEFAULT_SETTINGS, fromFiles, renderReport, verify, type Report, type Settings } from '@drover/verify';
import { listArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { formatElapsed } from '../views/format.js';

const HISTORIES = {
  operations: 'History of client operations and their answers',
  effects: 'History of handler effects',
  resource: 'History of an external resource: accepted and refused writes, by fencing token',
  faults: 'History of injected faults',
  samples: 'Samples of an observer of ZooKeeper',
  definitions: 'History of the schedules, limits and weights of tenants that were set',
};

/** Durations by the name of their option. */
const BOUNDS = {
  'session-timeout': ['sessionTimeoutMs', 'Session timeout of schedulers and workers'],
  tick: ['tickMs', "ZooKeeper's tickTime"],
  'cancel-bound': ['cancelBoundMs', 'How long after an acknowledged cancel an attempt may still begin'],
  recovery: ['recoveryMs', 'Beyond the session timeout: time until there is a leader and throughput has recovered'],
  election: ['electionMs', 'Beyond session timeout and tick: time until the next leader after a kill'],
  handover: ['handoverMs', 'Time without a leader after an orderly stop'],
  'deploy-wait': ['deployWaitMs', 'How much longer than usual a task may wait during an orderly deployment'],
  'hand-out': ['handOutMs', 'How long a task may be on its way to its handler while nothing is done to the system'],
  'fire-lag': ['fireLagMs', 'So long after it was due each time of a schedule is decided'],
  'wall-error': [
    'wallErrorMs',
    'Maximum difference between the wall clocks of ZooKeeper, leader and whoever sets schedules',
  ],
  'end-bound': [
    'endBoundMs',
    'So long after its deadline the end of a task is told while nothing is done to the system',
  ],
  'clock-error': ['clockErrorMs', 'Maximum difference between the clocks of the recorders'],
} as const satisfies Record<string, readonly [keyof Settings, string]>;

export const command: Command = {
  options: {
    ...Object.fromEntries(Object.entries(HISTORIES).map(([name, describe]) => [name, fileOption(name, describe)])),
    ...Object.fromEntries(
      Object.entries(BOUNDS).map(([name, [setting, describe]]) => [name, boundOption(name, setting, describe)]),
    ),
  },
  details: `Prints a line for each rule, and the first violation with all that is known of its task. Histories are files of JSON
lines, or folders of such files; give an option again for another one. docs/verify.md has their formats and what each rule says. An empty file says
that nothing happened; rules whose history is not given are not checked.

Exit codes: 0 all held, 1 a rule is broken, 2 a history cannot be read, or holds nothing to check.`,
  examples: [
    ['drover verify --operations ops.ndjson --effects effects.ndjson', 'what clients and handlers agree on'],
    [
      'drover verify --operations a.ndjson --operations b.ndjson --effects w1.ndjson --faults faults.ndjson --session-timeout 6s',
      'two clients, and why tasks began again',
    ],
    ['drover verify --operations ops.ndjson --effects effects.ndjson --json | jq .verdict', 'for programs'],
  ],
  async run(environment) {
    const { args, json, stdout, colors, signal } = environment;
    const report = await verify(historiesOf(args), settingsOf(args), signal);
    if (report.verdict === 'not checked') throw new UsageError(describeNothing(report));
    const paint = { good: colors.green, bad: colors.red, quiet: colors.dim };
    await (json ? stdout.json(report) : stdout.line(renderReport(report, paint)));
    return report.verdict === 'held' ? EXIT.DONE : EXIT.FAILED;
  },
};

function fileOption(name: string, describe: string): Options {
  const demandOption = name === 'operations' || name === 'effects';
  return { type: 'array', string: true, requiresArg: true, group: 'Histories:', describe, demandOption };
}

function boundOption(name: string, setting: keyof Settings, describe: string): Options {
  const defaultDescription = name === 'cancel-bound' ? 'the session timeout' : formatElapsed(DEFAULT_SETTINGS[setting]);
  return { type: 'string', requiresArg: true, group: 'Bounds:', describe, defaultDescription };
}

function historiesOf(args: Environment['args']): Parameters<typeof verify>[0] {
  const sourceOf = (name: keyof typeof HISTORIES) =>
    args[name] === undefined ? undefined : fromFiles(listArg(args, name));
  return {
    operations: fromFiles(listArg(args, 'operations')),
    effects: fromFiles(listArg(args, 'effects')),
    resource: sourceOf('resource'),
    faults: sourceOf('faults'),
    samples: sourceOf('samples'),
    definitions: sourceOf('definitions'),
  };
}

function settingsOf(args: Environment['args']): Partial<Settings> {
  const given = Object.entries(BOUNDS).flatMap(([name, [setting]]) => {
    const text = textArg(args, name);
    return text === undefined ? [] : [[setting, parseDuration(`--${name}`, text)] as const];
  });
  return Object.fromEntries(given);
}

function describeNothing({ rules, notes }: Report): string {
  const reasons = rules.map(({ name, reason }) => `  ${name}: ${reason ?? ''}`);
  return ['the histories hold nothing that could be checked:', ...reasons, ...notes].join('\n');
}

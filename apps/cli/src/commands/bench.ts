import { fileURLToPath } from 'node:url';
import { connectionFields, givenFlags, resolveClientConfig } from '@drover/config';
import { benchmarkEnsemble, EFFORTS, FORM_TEXT, formOf, OWN_PARTS, resultTables } from '@drover/bench';
import { flagArg, listArg, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { COMMON_OPTIONS } from '../options.js';
import { settingsOf } from '../settings.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/drover.js', import.meta.url));

export const command: Command = {
  options: {
    quick: { type: 'boolean', describe: FORM_TEXT.quick },
    full: { type: 'boolean', describe: FORM_TEXT.full, conflicts: 'quick' },
    only: { type: 'array', string: true, requiresArg: true, describe: `Only these parts: ${OWN_PARTS.join(', ')}` },
    ...COMMON_OPTIONS,
  },
  details: `Starts schedulers, workers and clients on this machine against the ensemble and measures throughput, round trips,
takeover, memory and how they change with load, beside what the bare protocol reaches. Without
--quick and --full: ${FORM_TEXT.default}. It works below a root of its own that it removes; the load on the ensemble is real, so don't run it beside production.`,
  examples: [
    ['drover bench --zk zk1:2181,zk2:2181,zk3:2181 --quick', 'a first look'],
    ['drover bench --only compare --only callers --json', 'some parts, for programs'],
  ],
  async run(environment) {
    const { args, json, stdout, stderr } = environment;
    const only = listArg(args, 'only');
    const unknown = only.find((part) => !OWN_PARTS.includes(part));
    if (unknown !== undefined)
      throw new UsageError(`--only: unknown part '${unknown}'; expected one of ${OWN_PARTS.join(', ')}`);
    const settings = settingsOf(environment);
    const [servers = ''] = resolveClientConfig(settings).zookeeper.connect.split('/');
    const connection = givenFlags(connectionFields, settings);
    const say = (line: string): void => stderr.note(`· ${line}`);
    const effort = EFFORTS[formOf({ quick: flagArg(args, 'quick'), full: flagArg(args, 'full') })];
    const results = await benchmarkEnsemble(servers, { effort, only, program: PROGRAM, connection, say });
    await (json ? stdout.json(results) : stdout.line(resultTables(results)));
    return results.failed.length === 0 ? EXIT.DONE : EXIT.FAILED;
  },
};

import { otlpFields } from '@drover/config';
import { InvalidArgumentError } from '@drover/core';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { examine, type Finding } from '../doctor/check.js';
import { CHECKS } from '../doctor/checks.js';
import { isMissing, type Facts } from '../doctor/facts.js';
import { gather } from '../doctor/gather/gather.js';
import { showReport } from '../doctor/view.js';
import { EXIT } from '../exit-codes.js';
import { CLIENT_OPTIONS, optionsOf } from '../options.js';

/** ZooKeeper's own default. */
const ADMIN_PORT = 8_080;

export const command: Command = {
  options: {
    deep: { type: 'boolean', describe: 'Read all records, too, at 2,000 reads a second' },
    verbose: { alias: 'v', type: 'boolean', describe: 'Show also what is well, and what was skipped' },
    'zk-admin-port': {
      type: 'string',
      requiresArg: true,
      defaultDescription: String(ADMIN_PORT),
      describe: 'Port of the AdminServers of ZooKeeper, which tell their settings; 0: they are not asked',
    },
    ...optionsOf(otlpFields, 'Tracing:'),
    ...CLIENT_OPTIONS,
  },
  details: `Changes nothing. Asks ZooKeeper and, where a scheduler serves one, the API; a check that cannot be made is skipped, and never
called well. Exits with 0 where nothing is wrong, 1 where there are problems or warnings, 3 where nothing can be reached.
docs/doctor.md lists the checks.`,
  examples: [
    ['drover doctor', 'what is not well, and the cure'],
    ['drover doctor --deep --verbose', 'everything'],
    ['drover doctor --json | jq ".findings[] | select(.result == \\"fail\\")"', 'for programs'],
  ],
  run: async (environment: Environment) => {
    const { args, json, stdout, colors } = environment;
    const facts = await gather(environment, { deep: flagArg(args, 'deep'), adminPort: adminPortOf(args) });
    const findings = examine(CHECKS, facts);
    if (json) await stdout.json(documentOf(facts, findings));
    else await stdout.line(showReport(facts, findings, colors, { verbose: flagArg(args, 'verbose') }));
    return exitCodeOf(facts, findings);
  },
};

function adminPortOf(args: Environment['args']): number {
  const given = textArg(args, 'zkAdminPort') ?? String(ADMIN_PORT);
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given);
  throw new InvalidArgumentError('zk-admin-port', given, 'a port from 1 to 65535, or 0');
}

function documentOf({ now, connection, api }: Facts, findings: readonly Finding[]): object {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  return {
    at: now,
    zk: connection.connect,
    api: isMissing(api) ? null : api.url,
    counts: {
      fail: count('fail'),
      warn: count('warn'),
      note: count('note'),
      ok: count('ok'),
      skipped: count('skipped'),
    },
    findings,
  };
}

function exitCodeOf({ session, api }: Facts, findings: readonly Finding[]): number {
  if (isMissing(session) && isMissing(api)) return EXIT.UNREACHABLE;
  return findings.some(({ result }) => result === 'fail' || result === 'warn') ? EXIT.FAILED : EXIT.DONE;
}

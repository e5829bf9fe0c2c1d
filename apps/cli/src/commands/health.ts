import { withZooKeeper } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { isProbeUrl, probe, probeUrl } from '../quick/health.js';

export const command: Command = {
  options: {
    url: {
      type: 'string',
      requiresArg: true,
      describe: 'Address to ask, e.g. http://127.0.0.1:9464; a path other than /readyz may follow',
      defaultDescription: 'DROVER_HEALTH_URL, DROVER_OPS_LISTEN, DROVER_API_LISTEN, or http://127.0.0.1:7373',
    },
    registered: {
      type: 'boolean',
      describe: 'Ask ZooKeeper whether the scheduler DROVER_ID, or the worker DROVER_NAME, is registered',
    },
    ...CLIENT_OPTIONS,
  },
  details: `Exits with 0 where the process is ready, and else with 1 and the reason. Without --registered it makes one request by HTTP and
loads nothing else, so it costs a container little.`,
  examples: [
    ['drover health', 'the process whose settings the environment has'],
    ['drover health --url http://127.0.0.1:9464/livez', 'whether it is alive'],
    ['DROVER_NAME=w1 drover health --registered', 'by ZooKeeper, for a worker without a listener'],
  ],
  run: async (environment) => {
    const { args, env, json, stdout, stderr } = environment;
    const given = textArg(args, 'url');
    if (flagArg(args, 'registered')) {
      if (given !== undefined) throw new UsageError('--url and --registered exclude each other');
      return checkRegistered(environment);
    }
    if (given !== undefined && !isProbeUrl(given))
      throw new UsageError(`--url: expected a URL such as http://127.0.0.1:9464, got '${given}'`);
    const { isWell, url, text } = await probe(probeUrl(given, env));
    if (json) await stdout.json({ healthy: isWell, url, text });
    else if (isWell) await stdout.line(text);
    else await stderr.line(`drover: ${url}: ${text}`);
    return isWell ? EXIT.DONE : EXIT.FAILED;
  },
};

async function checkRegistered(environment: Environment): Promise<number> {
  const { env, json, stdout, stderr } = environment;
  const { DROVER_ID: id = '', DROVER_NAME: name = '' } = env;
  if (id === '' && name === '')
    throw new UsageError('--registered needs DROVER_ID (a scheduler) or DROVER_NAME (a worker)');
  const { schedulers, workers } = await withZooKeeper(environment, (drover) => drover.status());
  const isThere = id === '' ? workers.some((each) => each.name === name) : schedulers.some((each) => each.id === id);
  const member = id === '' ? `worker ${name}` : `scheduler ${id}`;
  if (json) await stdout.json({ healthy: isThere, member });
  else if (isThere) await stdout.line(`${member} is registered`);
  else await stderr.line(`drover: ${member} is not in ZooKeeper`);
  return isThere ? EXIT.DONE : EXIT.FAILED;
}

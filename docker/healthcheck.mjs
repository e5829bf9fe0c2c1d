/**
 * The health check of a scheduler's or worker's container: exits with 0 when ZooKeeper knows the member that DROVER_ID
 * (a scheduler) or DROVER_NAME (a worker) names, with 1 and a line of reason otherwise.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = process.env.DROVER_CLI ?? fileURLToPath(new URL('../apps/cli/bin/drover.js', import.meta.url));
const { DROVER_ID: id, DROVER_NAME: name } = process.env;

try {
  const parameters = [cli, 'status', '--json', '--connect-timeout', '5s'];
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 8_000 };
  const status = JSON.parse(execFileSync(process.execPath, parameters, options));
  const isMember = id
    ? status.schedulers.some((scheduler) => scheduler.id === id)
    : status.workers.some((worker) => worker.name === name);
  if (!isMember) throw new Error(`${id ? `scheduler ${id}` : `worker ${name}`} is not in ZooKeeper`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

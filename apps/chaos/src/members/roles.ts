import { fileURLToPath } from 'node:url';
import type { ClientSettings } from '../client/settings.js';
import { EFFECTS, HEAP, NAME, RESOURCE } from '../tasks/environment.js';
import type { Home, Role } from '../system.js';
import type { Setup } from '../run/setup.js';

const DROVER = fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json')));
const CLIENT = fileURLToPath(new URL('../client/client.child.js', import.meta.url));
const HANDLERS = fileURLToPath(new URL('../tasks/handlers.js', import.meta.url));
const MEMORY = new URL('../memory/tell-heap.js', import.meta.url).href;

/** Everything of Drover is below this chroot. */
export const ROOT = '/drover';

/** How one member is started. */
export interface CommandLine {
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** Arguments of Node: the real program for schedulers and workers, the chaos run's own program for clients. */
export function commandLineOf(role: Role, name: string, home: Home, setup: Setup): CommandLine {
  const { paths } = setup;
  const env = setup.heap ? { NODE_OPTIONS: `--import=${MEMORY}`, [HEAP]: paths.heap, [NAME]: name } : {};
  const zk = home.connectString + ROOT;
  const session = `${setup.sessionTimeoutMs}ms`;
  // A process that starts while no server can be reached waits for one, as it would be restarted by a supervisor.
  const common = ['--zk', zk, '--session-timeout', session, '--connect-timeout', '1h', '--log-level', 'info'];
  if (role === 'scheduler') return { args: [DROVER, role, '--id', name, ...common, ...retention(setup)], env };
  if (role === 'worker') {
    const own = ['--handlers', HANDLERS, '--concurrency', '16', '--compute-threads', '1'];
    return {
      args: [DROVER, role, '--name', name, ...common, ...own],
      env: { ...env, [EFFECTS]: `${paths.effects}/${name}.ndjson`, [RESOURCE]: paths.socket },
    };
  }
  const settings: ClientSettings = {
    name,
    zk,
    seed: setup.seed + Number(name.replace(/\D/g, '')),
    operations: paths.operations,
    sessionTimeoutMs: setup.sessionTimeoutMs,
    tasksPerSecond: setup.tasksPerSecond / setup.clients,
    maxUnfinished: 500,
  };
  return { args: [CLIENT, JSON.stringify(settings)], env };
}

/** Nobody looks. Finished batches are kept only as long as a client that was cut off needs to read them. */
function retention({ retainMs }: Setup): string[] {
  return [
    '--api-listen',
    'off',
    '--retain-tasks',
    '0',
    '--retain-dead-tasks',
    '0',
    '--retain-at-least',
    `${retainMs}ms`,
  ];
}

import { fileURLToPath } from 'node:url';
import type { ClientSettings } from '../client/settings.js';
import type { ViewersSettings } from '../viewers/settings.js';
import { EFFECTS, HEAP, NAME, RESOURCE } from '../tasks/environment.js';
import type { Home, Role } from '../system.js';
import type { Setup } from '../run/setup.js';

const DROVER = fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json')));
const CLIENT = fileURLToPath(new URL('../client/client.child.js', import.meta.url));
const VIEWERS = fileURLToPath(new URL('../viewers/viewers.child.js', import.meta.url));
const END_API = new URL('../viewers/end-api-thread.js', import.meta.url).href;
const HANDLERS = fileURLToPath(new URL('../tasks/handlers.js', import.meta.url));
const MEMORY = new URL('../memory/tell-heap.js', import.meta.url).href;

/** Everything of Drover is below this chroot. */
export const ROOT = '/drover';

/** How one member is started. */
export interface CommandLine {
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** `apis`: the addresses of the APIs of all schedulers. */
export interface Starting {
  role: Role;
  name: string;
  home: Home;
  setup: Setup;
  apis: string[];
}

/** Arguments of Node: the real program for schedulers and workers, the chaos run's own programs for clients and viewers. */
export function commandLineOf(starting: Starting): CommandLine {
  const { role, name, setup } = starting;
  const { args, env = {} } = PROGRAMS[role](starting);
  const isScheduler = role === 'scheduler' && setup.viewers !== null;
  const imports = [...(setup.heap ? [MEMORY] : []), ...(isScheduler ? [END_API] : [])];
  const options = imports.map((url) => `--import=${url}`).join(' ');
  const heap = setup.heap ? { [HEAP]: setup.paths.heap, [NAME]: name } : {};
  return { args, env: { ...env, ...heap, ...(options === '' ? {} : { NODE_OPTIONS: options }) } };
}

const PROGRAMS: Readonly<Record<Role, (starting: Starting) => { args: string[]; env?: NodeJS.ProcessEnv }>> = {
  scheduler: (starting) => ({
    args: [DROVER, 'scheduler', '--id', starting.name, ...common(starting), ...api(starting), ...retention(starting)],
  }),
  worker: (starting) => {
    const { name, setup } = starting;
    const own = ['--handlers', HANDLERS, '--concurrency', '16', '--compute-threads', '1'];
    return {
      args: [DROVER, 'worker', '--name', name, ...common(starting), ...own],
      env: { [EFFECTS]: `${setup.paths.effects}/${name}.ndjson`, [RESOURCE]: setup.paths.socket },
    };
  },
  client: ({ name, home, setup, apis }) => {
    const settings: ClientSettings = {
      name,
      zk: home.connectString + ROOT,
      seed: setup.seed + Number(name.replace(/\D/g, '')),
      operations: setup.paths.operations,
      sessionTimeoutMs: setup.sessionTimeoutMs,
      tasksPerSecond: setup.tasksPerSecond / (setup.clients + setup.httpClients),
      runsPerSecond: setup.runsPerSecond / Math.max(1, setup.clients),
      maxUnfinished: 500,
      ...(name.startsWith('h') ? { apis } : {}),
    };
    return { args: [CLIENT, JSON.stringify(settings)] };
  },
  viewers: ({ name, setup, apis }) => {
    const { seed, paths, viewers } = setup;
    const settings: ViewersSettings = { name, apis, seed, history: paths.viewers, perSecond: viewers?.perSecond ?? 0 };
    return { args: [VIEWERS, JSON.stringify(settings)] };
  },
};

/** A process that starts while no server can be reached waits for one, as it would be restarted by a supervisor. */
function common({ home, setup }: Starting): string[] {
  const session = ['--session-timeout', `${setup.sessionTimeoutMs}ms`, '--connect-timeout', '1h'];
  return ['--zk', home.connectString + ROOT, ...session, '--log-level', 'info'];
}

function api({ home, setup }: Starting): string[] {
  if (setup.viewers === null) return ['--api-listen', 'off'];
  return ['--api-listen', home.listen, '--api-auth', 'none', '--api-insecure'];
}

/** Finished batches are kept only as long as a client that was cut off needs to read them. */
function retention({ setup: { retainMs, runsPerSecond } }: Starting): string[] {
  // A broadcast that reached nobody is kept by its age.
  const age = runsPerSecond > 0 ? ['--retain-age', `${retainMs}ms`] : [];
  return ['--retain-tasks', '0', '--retain-dead-tasks', '0', '--retain-at-least', `${retainMs}ms`, ...age];
}

import { counted, formatElapsed } from '../../views/format.js';
import { given, judged, problem, unlessTrying, type Check, type Problem } from '../check.js';

const RUNNING = 'docs/operations.md#running-drover';
const UPGRADING = 'docs/operations.md#upgrading';
const ENOUGH_SCHEDULERS = 3;

/** Names by a property that should be the same for all, or different. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const namesOf = (items: readonly { id: string; name?: string }[]): string =>
  items.map(({ id, name }) => name ?? id).join(', ');

export const FLEET_CHECKS: readonly Check[] = [
  {
    code: 'few-schedulers',
    area: 'fleet',
    severity: 'warn',
    means: 'Fewer than three schedulers run: one restart and one failure at the same time leave nobody to lead.',
    cure: 'run three schedulers, on as many hosts',
    link: RUNNING,
    judge: ({ cluster, connection }) =>
      given(cluster, ({ status: { schedulers } }) => {
        const text = counted(schedulers.length, 'scheduler');
        if (schedulers.length >= ENOUGH_SCHEDULERS) return { ok: text };
        return problem(`only ${text}`, { severity: unlessTrying(connection.loopback) });
      }),
  },
  {
    code: 'one-host',
    area: 'fleet',
    severity: 'warn',
    means: 'All schedulers run on one host: its failure takes all of them.',
    cure: 'run schedulers on two hosts at least',
    link: RUNNING,
    judge: ({ cluster, connection }) =>
      given(cluster, ({ status: { schedulers } }) => {
        const hosts = groupBy(schedulers, ({ host }) => host);
        const [first] = hosts;
        const [host, members] = first ?? ['', []];
        if (schedulers.length < 2) return { skipped: 'there are no two schedulers' };
        if (hosts.size > 1) return { ok: counted(hosts.size, 'host') };
        return problem(`${namesOf(members)} run on ${host}`, { severity: unlessTrying(connection.loopback) });
      }),
  },
  {
    code: 'versions',
    area: 'fleet',
    severity: 'warn',
    means: 'Schedulers or workers are of different versions.',
    cure: 'end the upgrade: followers first, the leader last, then the workers',
    link: UPGRADING,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { schedulers, workers } }) => {
        const members = [...schedulers.map(({ id, version }) => ({ id, version })), ...workers];
        const versions = groupBy(members, ({ version }) => version);
        if (members.length === 0) return { skipped: 'there are no schedulers and no workers' };
        if (versions.size === 1) return { ok: [...versions.keys()].join() };
        const each = [...versions].map(
          ([version, group]) => `${version}: ${namesOf(group.slice(0, 5))}${group.length > 5 ? ' and others' : ''}`,
        );
        return problem(each.join('; '));
      }),
  },
  {
    code: 'zone-data',
    area: 'fleet',
    severity: 'warn',
    means: 'Schedulers have different zone data: another leader may fire schedules at other times.',
    cure: 'give all schedulers the same Node',
    link: 'docs/schedules.md',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { schedulers } }) => {
        const zones = groupBy(
          schedulers.filter(({ tz }) => tz !== undefined),
          ({ tz = '' }) => tz,
        );
        if (zones.size === 0) return { skipped: 'no scheduler tells its zone data' };
        if (zones.size === 1) return { ok: [...zones.keys()].join() };
        return problem([...zones].map(([tz, group]) => `${tz}: ${namesOf(group)}`).join('; '));
      }),
  },
  {
    code: 'no-workers',
    area: 'fleet',
    severity: 'fail',
    means: 'No worker takes tasks: none runs, or all of them are draining.',
    cure: "start workers ('drover worker'), or let one take tasks again: drover drain WORKER --off",
    link: RUNNING,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { workers, tasks } }) => {
        const accepting = workers.filter(({ state }) => state === 'accepting');
        if (accepting.length > 0)
          return { ok: `${counted(accepting.length, 'worker')} of ${workers.length} take tasks` };
        const severity = (tasks?.pending ?? 0) > 0 ? ('fail' as const) : ('warn' as const);
        return problem(workers.length === 0 ? 'no worker runs' : `all ${workers.length} workers are draining`, {
          severity,
        });
      }),
  },
  {
    code: 'draining',
    area: 'fleet',
    severity: 'warn',
    means: 'A worker was asked to drain, and nobody has ended it since.',
    cure: 'end it, or let it take tasks again: drover drain WORKER --off',
    link: UPGRADING,
    judge: ({ cluster, now }) =>
      given(cluster, ({ status: { workers } }) => {
        const old = workers.filter(
          ({ drainedBy, out }) => drainedBy !== undefined && out === 0 && now - drainedBy.at > 3_600_000,
        );
        return judged(
          old.map(({ name, drainedBy }): Problem => ({
            text: `${name} is empty, and draining since ${new Date(drainedBy?.at ?? 0).toISOString()}`,
            cure: `end it, or: drover drain ${name} --off`,
          })),
          'no worker was forgotten',
        );
      }),
  },
  {
    code: 'busy',
    area: 'fleet',
    severity: 'warn',
    means: 'All places of all workers are in use, and tasks wait.',
    cure: 'start more workers, or give them more places (--concurrency)',
    link: RUNNING,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { workers, tasks } }) => {
        const accepting = workers.filter(({ state }) => state === 'accepting');
        const places = accepting.reduce((sum, { capacity }) => sum + capacity, 0);
        const out = accepting.reduce((sum, { out: theirs, capacity }) => sum + Math.min(theirs, capacity), 0);
        if (places === 0) return { skipped: 'no worker takes tasks' };
        const text = `${out} of ${counted(places, 'place')} in use`;
        return out === places && (tasks?.pending ?? 0) > 0
          ? problem(`${text}, ${tasks?.pending ?? 0} tasks wait`)
          : { ok: text };
      }),
  },
  {
    code: 'same-name',
    area: 'fleet',
    severity: 'warn',
    means: 'Two workers have the same name: what is asked of one is asked of both.',
    cure: 'give each worker a name of its own (--name)',
    link: RUNNING,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { workers } }) => {
        const twice = [...groupBy(workers, ({ name }) => name)].filter(([, group]) => group.length > 1);
        return judged(
          twice.map(([name, group]) => ({
            text: `${name} runs on ${group.map(({ host, pid }) => `${host} (process ${pid})`).join(' and ')}`,
          })),
          'every worker has a name of its own',
        );
      }),
  },
  {
    code: 'abort-grace',
    area: 'fleet',
    severity: 'warn',
    means:
      'A worker waits longer for a handler that was told to end than the leader waits for the worker: work is taken away, and runs twice.',
    cure: 'give the worker an --abort-grace that is less than --grace of every scheduler',
    link: RUNNING,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { schedulers, workers } }) => {
        const graces = schedulers.flatMap(({ graceMs }) => graceMs ?? []);
        const least = Math.min(...graces);
        if (graces.length === 0) return { skipped: 'no scheduler tells its --grace' };
        const slow = workers.filter(({ abortGraceMs = 0 }) => abortGraceMs >= least);
        return judged(
          slow.map(({ name, abortGraceMs = 0 }) => ({
            text: `${name}: --abort-grace is ${formatElapsed(abortGraceMs)}, and --grace of a scheduler ${formatElapsed(least)}`,
          })),
          `every worker ends tasks within ${formatElapsed(least)}`,
        );
      }),
  },
  {
    code: 'workers-lost',
    area: 'fleet',
    severity: 'warn',
    means: 'A worker died while it had tasks, or tells nothing any more.',
    cure: 'read its log, and that of its host: memory, signals; its tasks run elsewhere',
    link: 'docs/operations.md#when-a-worker-dies',
    judge: ({ api }) =>
      given(api, ({ overview }) =>
        given(overview, ({ attention }) => {
          const found = attention.filter(({ code }) => code === 'worker-lost' || code === 'worker-silent');
          return judged(
            found.map(({ text }) => ({ text })),
            'none in the last ten minutes',
          );
        }),
      ),
  },
];

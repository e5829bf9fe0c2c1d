import { formatElapsed } from '../../views/format.js';
import { given, judged, problem, unlessTrying, type Check, type Problem } from '../check.js';
import { isMissing, type ServerFacts } from '../facts.js';

const SETTINGS = 'docs/operations.md#settings';
const SLOW_MS = 250;
const CLOCK_MS = 5_000;
const MANY_OUTSTANDING = 1_000;
/** Part of the connections that a server allows one host. */
const FULL = 0.8;
const FACTOR = 'zookeeper.snapshotSizeFactor';
const FACTOR_DEFAULT = '0.33';
/** The oldest versions without faults that Drover knows to hurt, by their line. */
const LEAST: readonly (readonly [number, number, number])[] = [
  [3, 8, 6],
  [3, 9, 5],
];

/** Faults of a version; `null`: it is good enough. Pure. */
export function versionFault(version: string): string | null {
  const [, major, minor, patch] = (/^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  if (major === undefined || minor === undefined || patch === undefined) return null;
  if (major < 3 || (major === 3 && minor < 8)) return 'is of a line that is maintained no more';
  const least = LEAST.find(([, line]) => line === minor);
  if (major > 3 || least === undefined || patch >= least[2]) return null;
  const named = minor === 8 && patch === 0 ? ': 3.8.0 may write transactions twice (ZOOKEEPER-4712)' : '';
  return `has known faults${named}`;
}

const answering = (servers: readonly ServerFacts[]): ServerFacts[] => servers.filter(({ reachable }) => reachable);

export const ZOOKEEPER_CHECKS: readonly Check[] = [
  {
    code: 'zookeeper-servers',
    area: 'zookeeper',
    severity: 'warn',
    means: 'A server of the connect string cannot be reached, or serves nobody.',
    cure: 'start it, or take it out of --zk; without a majority of servers nothing works',
    link: SETTINGS,
    judge: ({ servers }) =>
      given(servers, (all) => {
        const away = all.filter(({ serving }) => !serving);
        const severity = away.length * 2 >= all.length ? ('fail' as const) : ('warn' as const);
        const problems = away.map(({ address, why }): Problem => ({ text: `${address}: ${why ?? ''}`, severity }));
        return judged(problems, `${all.length} of ${all.length} servers answer`);
      }),
  },
  {
    code: 'zookeeper-version',
    area: 'zookeeper',
    severity: 'warn',
    means: 'A server runs a version of ZooKeeper with known faults.',
    cure: 'upgrade to 3.9.5 or 3.8.6, or newer, one server after the other',
    link: 'docs/operations.md#which-zookeeper',
    judge: ({ servers, connection }) =>
      given(servers, (all) => {
        const known = answering(all).flatMap(({ address, version }) =>
          version === null ? [] : [{ address, version }],
        );
        if (known.length === 0) return { skipped: "no server tells its version: the word 'srvr' is not allowed" };
        const problems = known.flatMap(({ address, version }): Problem[] => {
          const fault = versionFault(version);
          return fault === null
            ? []
            : [{ text: `${address}: ZooKeeper ${version} ${fault}`, severity: unlessTrying(connection.loopback) }];
        });
        return judged(problems, [...new Set(known.map(({ version }) => version))].join(', '));
      }),
  },
  {
    code: 'zookeeper-quorum',
    area: 'zookeeper',
    severity: 'warn',
    means: 'ZooKeeper runs alone: when its machine fails, everything stands still, and may be lost.',
    cure: 'run three or five servers on as many machines',
    link: SETTINGS,
    judge: ({ servers, connection }) =>
      given(servers, (all) => {
        const modes = answering(all).map(({ mode }) => mode);
        if (modes.every((mode) => mode === null))
          return { skipped: "no server tells its mode: the word 'srvr' is not allowed" };
        if (!modes.includes('standalone')) return { ok: modes.join(', ') };
        return problem(`${connection.connect} runs standalone`, { severity: unlessTrying(connection.loopback) });
      }),
  },
  {
    code: 'zookeeper-root',
    area: 'zookeeper',
    severity: 'fail',
    means: 'There is no Drover at the root: no scheduler was ever started there, or the address is wrong.',
    cure: "check the part of --zk behind the slash; 'drover scheduler' makes the root",
    link: SETTINGS,
    judge: ({ session, connection }) =>
      given(session, ({ rootAcl }) =>
        rootAcl === null ? problem(`no Drover at ${connection.connect}`) : { ok: connection.connect },
      ),
  },
  {
    code: 'session-timeout',
    area: 'zookeeper',
    severity: 'warn',
    means: 'ZooKeeper grants another session timeout than was asked for, so failures are noticed at another time.',
    cure: 'a timeout has to be 2 to 20 ticks of the servers: change tickTime, or --session-timeout',
    link: 'docs/operations.md#running-drover',
    judge: ({ session, connection }) =>
      given(session, ({ grantedTimeoutMs }) => {
        const asked = formatElapsed(connection.sessionTimeoutMs);
        const granted = formatElapsed(grantedTimeoutMs);
        return grantedTimeoutMs === connection.sessionTimeoutMs
          ? { ok: `asked ${asked}, got ${granted}` }
          : problem(`asked for ${asked}, got ${granted}`);
      }),
  },
  {
    code: 'round-trip',
    area: 'zookeeper',
    severity: 'warn',
    means: 'ZooKeeper answers slowly from here.',
    cure: "look at the disks of its servers (their log wants one of its own), at the network, and at 'drover top'",
    link: SETTINGS,
    judge: ({ session }) =>
      given(session, ({ roundTripsMs }) => {
        const median = roundTripsMs[Math.floor(roundTripsMs.length / 2)] ?? 0;
        const worst = roundTripsMs.at(-1) ?? 0;
        const text = `round trip ${formatElapsed(median)}, at most ${formatElapsed(worst)}`;
        return median > SLOW_MS ? problem(text) : { ok: text };
      }),
  },
  {
    code: 'clocks',
    area: 'zookeeper',
    severity: 'warn',
    means: 'Clocks differ: the leader decides what is due by its own, ZooKeeper dates znodes by its own.',
    cure: 'keep the clocks of all machines together, by NTP',
    link: 'docs/failure-model.md',
    judge: ({ cluster, api }) => {
      const leaderMs = isMissing(cluster) ? null : cluster.leaderClockMs;
      const hereMs = isMissing(api) ? null : api.clockMs;
      if (leaderMs === null && hereMs === null)
        return { skipped: 'no leader has written /status yet, and no API answers' };
      const problems: Problem[] = [];
      if (leaderMs !== null && Math.abs(leaderMs) > CLOCK_MS)
        problems.push({
          text: `the leader's clock is ${formatElapsed(Math.abs(leaderMs))} ${leaderMs > 0 ? 'behind' : 'ahead of'} ZooKeeper's`,
        });
      if (hereMs !== null && Math.abs(hereMs) > CLOCK_MS)
        problems.push({
          text: `the scheduler's clock is ${formatElapsed(Math.abs(hereMs))} ${hereMs > 0 ? 'ahead of' : 'behind'} that of this machine`,
        });
      return judged(problems, `within ${formatElapsed(Math.max(Math.abs(leaderMs ?? 0), Math.abs(hereMs ?? 0)))}`);
    },
  },
  {
    code: 'zookeeper-load',
    area: 'zookeeper',
    severity: 'warn',
    means: 'A server has many requests that it has not answered.',
    cure: 'look at its disk and its memory; see which client asks so much, with the word cons',
    link: SETTINGS,
    judge: ({ servers }) =>
      given(servers, (all) => {
        const known = answering(all).filter(({ outstanding }) => outstanding !== null);
        if (known.length === 0) return { skipped: "no server tells its load: the word 'srvr' is not allowed" };
        const busy = known.filter(({ outstanding }) => (outstanding ?? 0) > MANY_OUTSTANDING);
        return judged(
          busy.map(({ address, outstanding }) => ({ text: `${address}: ${outstanding ?? 0} requests wait` })),
          `at most ${Math.max(...known.map(({ outstanding }) => outstanding ?? 0))} requests wait`,
        );
      }),
  },
  {
    code: 'zookeeper-fsync',
    area: 'zookeeper',
    severity: 'warn',
    means: 'The disk of a server is slow: writes of its log took longer than a second.',
    cure: 'give the transaction log (dataLogDir) a disk of its own',
    link: SETTINGS,
    judge: ({ servers }) =>
      given(servers, (all) => {
        const known = answering(all).filter(({ mntr }) => mntr?.zk_fsync_threshold_exceed_count !== undefined);
        if (known.length === 0) return { skipped: "no server tells it: the word 'mntr' is not allowed" };
        const slow = known.filter(({ mntr }) => Number(mntr?.zk_fsync_threshold_exceed_count) > 0);
        return judged(
          slow.map(({ address, mntr }) => ({
            text: `${address}: ${mntr?.zk_fsync_threshold_exceed_count ?? ''} slow writes since it was started`,
          })),
          'no slow writes',
        );
      }),
  },
  {
    code: 'zookeeper-connections',
    area: 'zookeeper',
    severity: 'warn',
    means: 'A server will soon refuse connections of a host: maxClientCnxns bounds them.',
    cure: 'raise maxClientCnxns; 0 means no bound',
    link: SETTINGS,
    judge: ({ servers }) =>
      given(servers, (all) => {
        const known = answering(all).filter(({ mntr, conf }) => mntr !== null && conf?.maxClientCnxns !== undefined);
        if (known.length === 0) return { skipped: "no server tells it: the words 'mntr' and 'conf' are not allowed" };
        const full = known.filter(({ mntr, conf }) => {
          const most = Number(conf?.maxClientCnxns);
          return most > 0 && Number(mntr?.zk_num_alive_connections) >= most * FULL;
        });
        return judged(
          full.map(({ address, mntr, conf }) => ({
            text: `${address}: ${mntr?.zk_num_alive_connections ?? ''} connections, and a host may have ${conf?.maxClientCnxns ?? ''}`,
          })),
          'room for more connections',
        );
      }),
  },
  {
    code: 'snapshot-size-factor',
    area: 'zookeeper',
    severity: 'warn',
    means:
      'A server that is behind may be sent the log of another one, which may hold what was never committed (ZOOKEEPER-2846).',
    cure: 'set snapshotSizeFactor=-1 in the zoo.cfg of every server, and restart one after the other',
    link: SETTINGS,
    judge: ({ servers, connection }) =>
      given(servers, (all) => {
        const known = answering(all).filter(({ properties }) => properties !== null);
        if (known.length === 0)
          return { skipped: 'no AdminServer answers: see --zk-admin-port, or look into zoo.cfg yourself' };
        const sending = known.filter(({ properties }) => !(Number(properties?.[FACTOR] ?? FACTOR_DEFAULT) < 0));
        return judged(
          sending.map(({ address, properties }) => ({
            text: `${address}: snapshotSizeFactor is ${properties?.[FACTOR] ?? `not set, so it is ${FACTOR_DEFAULT}`}`,
            severity: unlessTrying(connection.loopback),
          })),
          'servers that are behind are sent the whole state',
        );
      }),
  },
  {
    code: 'plain-port',
    area: 'zookeeper',
    severity: 'warn',
    means: 'TLS is used to reach ZooKeeper, and a server still has a plain port.',
    cure: 'when no client needs it any more, remove clientPort',
    link: 'docs/operations.md#tls-and-credentials',
    judge: ({ servers, connection }) => {
      if (!connection.tls) return { ok: 'TLS is not asked for' };
      return given(servers, (all) => {
        const known = answering(all).filter(({ conf }) => conf !== null);
        if (known.length === 0) return { skipped: "no server tells it: the word 'conf' is not allowed" };
        const plain = known.filter(({ conf }) => Number(conf?.clientPort ?? -1) > 0);
        return judged(
          plain.map(({ address, conf }) => ({
            text: `${address}: clientPort ${conf?.clientPort ?? ''} takes plain connections`,
          })),
          'no plain ports',
        );
      });
    },
  },
];

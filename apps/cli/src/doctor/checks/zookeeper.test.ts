import test from 'ava';
import {
  CLUSTER,
  HEALTHY,
  SERVERS,
  SESSION,
  withApi,
  withConnection,
  withServer,
} from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import { ZOOKEEPER_CHECKS, versionFault } from './zookeeper.js';

testProvoked(ZOOKEEPER_CHECKS, {
  'zookeeper-servers': [
    [
      withServer({ reachable: false, serving: false, why: 'connect ECONNREFUSED' }),
      'warn',
      /^zk1:2181: connect ECONNREFUSED$/,
    ],
    [
      withServer({ serving: false, why: 'it answers, but is part of no quorum' }),
      'warn',
      /^zk1:2181: .*part of no quorum$/,
    ],
    [
      { ...HEALTHY, servers: SERVERS.map((each) => ({ ...each, reachable: false, serving: false, why: 'gone' })) },
      'fail',
      /zk1:2181: gone/,
    ],
  ],
  'zookeeper-version': [
    [withServer({ version: '3.8.0' }), 'warn', /3\.8\.0 .*ZOOKEEPER-4712/],
    [withServer({ version: '3.9.1' }), 'warn', /3\.9\.1 has known faults/],
  ],
  'zookeeper-quorum': [
    [withServer({ mode: 'standalone' }), 'warn', /standalone/],
    [withConnection({ loopback: true }, withServer({ mode: 'standalone' })), 'note', /standalone/],
  ],
  'zookeeper-root': [[{ ...HEALTHY, session: { ...SESSION, rootAcl: null } }, 'fail', /no Drover at zk1/]],
  'session-timeout': [
    [{ ...HEALTHY, session: { ...SESSION, grantedTimeoutMs: 4_000 } }, 'warn', /asked for 6\.0 s, got 4\.0 s/],
  ],
  'round-trip': [[{ ...HEALTHY, session: { ...SESSION, roundTripsMs: [300, 400, 500] } }, 'warn', /400 ms/]],
  clocks: [
    [{ ...HEALTHY, cluster: { ...CLUSTER, leaderClockMs: 9_000 } }, 'warn', /leader's clock is 9\.0 s behind/],
    [withApi({ clockMs: 7_000 }), 'warn', /scheduler's clock is 7\.0 s ahead/],
  ],
  'zookeeper-load': [[withServer({ outstanding: 5_000 }), 'warn', /5000 requests wait/]],
  'zookeeper-fsync': [[withServer({ mntr: { zk_fsync_threshold_exceed_count: '4' } }), 'warn', /4 slow writes/]],
  'zookeeper-connections': [
    [withServer({ mntr: { zk_num_alive_connections: '55' } }), 'warn', /55 connections, and a host may have 60/],
  ],
  'snapshot-size-factor': [
    [
      withServer({ properties: { 'java.version': '17' } }),
      'warn',
      /^zk1:2181: snapshotSizeFactor is not set, so it is 0\.33$/,
    ],
    [
      withServer({ properties: { 'zookeeper.snapshotSizeFactor': '0.5' } }),
      'warn',
      /^zk1:2181: snapshotSizeFactor is 0\.5$/,
    ],
  ],
  'plain-port': [[withConnection({ tls: true }), 'warn', /clientPort 2181 takes plain connections/]],
});

test('versions of ZooKeeper are judged within their line', (t) => {
  for (const version of ['3.8.6', '3.9.5', '3.9.6', '3.10.0', '4.0.0', 'nonsense'])
    t.is(versionFault(version), null, version);
  for (const version of ['3.4.14', '3.6.4', '3.8.0', '3.8.5', '3.9.0']) t.truthy(versionFault(version), version);
});

import { readFile } from 'node:fs/promises';
import type { TokenView } from '@drover/client';
import test from 'ava';
import { NO_COLORS } from '../terminal/colors.js';
import { examine, type Finding, type Severity } from './check.js';
import { CHECKS } from './checks.js';
import { versionFault } from './checks/zookeeper.js';
import { doctorDocument } from './document.js';
import type { ApiFacts, ClusterFacts, Facts, RecordFacts, ServerFacts, SessionFacts } from './facts.js';
import { readMetrics } from './gather/api.js';
import { readSrvr } from './gather/four-letter-words.js';
import { showReport } from './view.js';

const NOW = 1_796_000_000_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const SERVERS: ServerFacts[] = ['zk1:2181', 'zk2:2181', 'zk3:2181'].map((address, i) => ({
  address,
  unreachable: null,
  serving: true,
  version: '3.9.5',
  mode: i === 0 ? 'leader' : 'follower',
  outstanding: 0,
  mntr: { zk_fsync_threshold_exceed_count: '0', zk_num_alive_connections: '12' },
  conf: { maxClientCnxns: '60', clientPort: '2181' },
}));

const SESSION: SessionFacts = {
  grantedTimeoutMs: 6_000,
  roundTripsMs: [1, 2, 3],
  rootAcl: [{ permissions: 31, scheme: 'digest', id: 'drover:x' }],
};

const scheduler = (id: string, host: string): ClusterFacts['status']['schedulers'][number] => ({
  ...{ id, host, pid: 1, version: '0.2.0', startedAt: NOW - HOUR, tz: '2026a' },
  role: id === 's1' ? 'leader' : 'follower',
  api: `https://${host}:7373`,
});
const worker = (name: string): ClusterFacts['status']['workers'][number] => ({
  ...{ id: `${name}-1`, name, host: 'node-9', pid: 2, version: '0.2.0', startedAt: NOW - HOUR, state: 'accepting' },
  ...{ capacity: 8, weight: 1, out: 3, running: 3, types: ['echo'], labels: {}, tasks: [], asOf: NOW },
});
type QueueFacts = ClusterFacts['status']['queues'][number];
const queue = (name: string, more: Partial<QueueFacts> = {}): QueueFacts =>
  ({ name, paused: false, maxRunning: null, pending: 0, out: 0, ...more }) as QueueFacts;

const CLUSTER: ClusterFacts = {
  status: {
    leader: { id: 's1', epoch: 7, host: 'node-1', pid: 1 },
    schedulers: [scheduler('s1', 'node-1'), scheduler('s2', 'node-2'), scheduler('s3', 'node-3')],
    workers: [worker('w1'), worker('w2')],
    tasks: { scheduled: 0, pending: 5, out: 6, running: 6, retrying: 0, succeeded: 9, failed: 0, cancelled: 0 },
    queues: [queue('images', { pending: 5, out: 6 })],
    queuesLeftOut: 0,
    unservedTypes: [],
    unservedTypesLeftOut: 0,
    intake: { open: true },
    firesHeld: null,
    complete: true,
    at: NOW - 500,
  },
  leaderClockMs: 3,
  countedAt: NOW - 500,
};

const API: ApiFacts = {
  url: 'https://node-1:7373',
  auth: ['token'],
  overview: { attention: [], oldestPendingMs: 900 } as unknown as ApiFacts['overview'],
  election: { epoch: 7, leader: 's1', since: NOW - HOUR, changes: [] },
  failures: [],
  metrics: new Map([
    ['drover_plan_seconds_count', 1_000],
    ['drover_plan_seconds_bucket{le="0.05"}', 999],
  ]),
  clockMs: 200,
  replicas: ['s1', 's2', 's3'].map((id, i) => ({
    id,
    url: `https://node-${i + 1}:7373`,
    livez: 200,
    readyz: 200,
    why: null,
  })),
};

const TOKENS: TokenView[] = [
  {
    id: 'a',
    name: 'ci',
    roles: ['viewer'],
    queues: null,
    createdBy: 'ada',
    createdAt: NOW - DAY,
    expiresAt: NOW + 60 * DAY,
  },
];

const RECORDS: RecordFacts = { read: 100, invalid: [], orphans: [], fullDirectories: [] };

const HEALTHY = {
  now: NOW,
  connection: {
    connect: 'zk1:2181,zk2:2181,zk3:2181/drover',
    sessionTimeoutMs: 6_000,
    tls: false,
    auth: [] as string[],
    loopback: false,
  },
  session: SESSION,
  servers: SERVERS,
  cluster: CLUSTER,
  api: API,
  tokens: TOKENS,
  records: RECORDS,
  exposedFiles: [],
  certificates: [{ what: 'API', validTo: NOW + 90 * DAY }],
} satisfies Facts;

const withStatus = (status: Partial<ClusterFacts['status']>): Facts => ({
  ...HEALTHY,
  cluster: { ...CLUSTER, status: { ...CLUSTER.status, ...status } },
});
const withServer = (server: Partial<ServerFacts>): Facts => ({
  ...HEALTHY,
  servers: [{ ...SERVERS[0]!, ...server }, ...SERVERS.slice(1)],
});
const withApi = (api: Partial<ApiFacts>): Facts => ({ ...HEALTHY, api: { ...API, ...api } });
const withConnection = (connection: Partial<Facts['connection']>, more: Partial<Facts> = {}): Facts => ({
  ...HEALTHY,
  ...more,
  connection: { ...HEALTHY.connection, ...connection },
});
const { leader: _leader, ...STATUS } = CLUSTER.status;

/** For each check: facts that provoke it, its result, and a part of its sentence. */
const PROVOKED: Record<string, [facts: Facts, result: Severity, text: RegExp][]> = {
  'zookeeper-servers': [
    [withServer({ unreachable: 'connect ECONNREFUSED' }), 'warn', /^zk1:2181: connect ECONNREFUSED$/],
    [withServer({ serving: false }), 'warn', /part of no quorum/],
    [{ ...HEALTHY, servers: SERVERS.map((each) => ({ ...each, unreachable: 'gone' })) }, 'fail', /zk1:2181: gone/],
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
  'plain-port': [[withConnection({ tls: true }), 'warn', /clientPort 2181 takes plain connections/]],
  'no-leader': [
    [withStatus({ leader: null }), 'fail', /3 schedulers run, and none leads/],
    [withStatus({ leader: null, schedulers: [] }), 'fail', /no scheduler runs/],
  ],
  'leader-hangs': [
    [
      { ...HEALTHY, cluster: { ...CLUSTER, countedAt: NOW - 20_000 } },
      'fail',
      /s1 wrote its counts 20\.0 s ago, while tasks wait/,
    ],
    [{ ...HEALTHY, cluster: { ...CLUSTER, countedAt: null } }, 'fail', /s1 has written no counts/],
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 503 }] }), 'fail', /main thread does not turn/],
  ],
  'leader-reading': [[withStatus({ complete: false }), 'warn', /s1 is still reading/]],
  takeovers: [
    [
      withApi({
        election: {
          ...{ epoch: 7, leader: 's1', since: NOW },
          changes: [1, 2, 3, 4].map((n) => ({
            epoch: n,
            leader: 's1',
            at: NOW - n,
            leaderlessMs: 1,
            takeoverMs: 1,
            reason: null,
          })),
        },
      }),
      'warn',
      /4 changes/,
    ],
  ],
  'slow-plans': [
    [
      withApi({
        metrics: new Map([
          ['drover_plan_seconds_count', 100],
          ['drover_plan_seconds_bucket{le="0.05"}', 90],
        ]),
      }),
      'warn',
      /10 of 100 plans/,
    ],
  ],
  'few-schedulers': [
    [withStatus({ schedulers: [scheduler('s1', 'node-1')] }), 'warn', /only 1 scheduler/],
    [withConnection({ loopback: true }, withStatus({ schedulers: [scheduler('s1', 'node-1')] })), 'note', /only 1/],
  ],
  'one-host': [
    [
      withStatus({ schedulers: ['s1', 's2', 's3'].map((id) => scheduler(id, 'node-1')) }),
      'warn',
      /s1, s2, s3 run on node-1/,
    ],
  ],
  versions: [
    [withStatus({ workers: [{ ...worker('w1'), version: '0.1.0' }] }), 'warn', /0\.2\.0: s1, s2, s3; 0\.1\.0: w1/],
  ],
  'zone-data': [
    [
      withStatus({
        schedulers: [scheduler('s1', 'a'), { ...scheduler('s2', 'b'), tz: '2025b' }, scheduler('s3', 'c')],
      }),
      'warn',
      /2026a: s1, s3; 2025b: s2/,
    ],
  ],
  'no-workers': [
    [withStatus({ workers: [] }), 'fail', /no worker runs/],
    [withStatus({ workers: [{ ...worker('w1'), state: 'draining' }] }), 'fail', /all 1 workers are draining/],
    [withStatus({ workers: [], tasks: { ...STATUS.tasks!, pending: 0 } }), 'warn', /no worker runs/],
  ],
  draining: [
    [
      withStatus({
        workers: [worker('w1'), { ...worker('w2'), state: 'draining', out: 0, drainedBy: { at: NOW - 2 * HOUR } }],
      }),
      'warn',
      /w2 is empty, and draining since/,
    ],
  ],
  busy: [[withStatus({ workers: [{ ...worker('w1'), out: 12 }] }), 'warn', /8 of 8 places in use, 5 tasks wait/]],
  'same-name': [
    [
      withStatus({ workers: [worker('w1'), { ...worker('w1'), id: 'w1-2', pid: 3 }] }),
      'warn',
      /w1 runs on node-9 \(process 2\) and node-9 \(process 3\)/,
    ],
  ],
  'workers-lost': [
    [
      withApi({
        overview: {
          attention: [{ code: 'worker-lost', severity: 'warn', text: 'w3 died' }],
          oldestPendingMs: null,
        } as unknown as ApiFacts['overview'],
      }),
      'warn',
      /w3 died/,
    ],
  ],
  'unserved-types': [
    [withStatus({ unservedTypes: ['resize'] }), 'fail', /'resize': no worker offers it \(they offer echo\)/],
    [
      {
        ...withStatus({ unservedTypes: ['resize'], workers: [] }),
        api: {
          ...API,
          overview: {
            attention: [{ code: 'type-unserved', severity: 'warn', text: '', type: 'resize', pending: 412 }],
            oldestPendingMs: null,
          } as unknown as ApiFacts['overview'],
        },
      },
      'fail',
      /412 tasks wait, no worker offers it \(no worker runs\)/,
    ],
  ],
  'paused-queues': [
    [
      withStatus({
        queues: [
          queue('mail', {
            paused: true,
            pending: 90,
            pausedBy: { by: 'ada', reason: 'provider down', at: NOW - HOUR },
          }),
        ],
      }),
      'warn',
      /mail: 90 tasks wait; paused by ada: provider down/,
    ],
  ],
  'oldest-wait': [
    [
      withApi({ overview: { attention: [], oldestPendingMs: HOUR } as unknown as ApiFacts['overview'] }),
      'warn',
      /60m 0s|1h 0m/,
    ],
  ],
  failing: [
    [
      withApi({
        failures: [
          {
            ...{ type: 'send', error: 'Error', message: 'refused', count: 90, first: NOW, last: NOW },
            examples: [],
            queues: ['mail'],
            workers: [],
            perMinute: [...Array<number>(50).fill(0), ...Array<number>(10).fill(5)],
          },
        ],
      }),
      'warn',
      /send in mail: 50 times in ten minutes, Error: refused/,
    ],
  ],
  intake: [
    [withStatus({ intake: { open: false, code: 'tasks', reason: 'too many tasks' } }), 'fail', /too many tasks/],
  ],
  'full-queues': [
    [withStatus({ queues: [queue('a', { full: true, unfinished: 50 })] }), 'warn', /a: 50 tasks are unfinished/],
    [withStatus({ queues: [queue('a', { fullTenants: 2 })] }), 'warn', /submits of 2 tenants are refused/],
  ],
  'fires-held': [[withStatus({ firesHeld: { code: 'skew', reason: 'clocks disagree' } }), 'fail', /clocks disagree/]],
  'undeclared-limits': [[withStatus({ undeclaredLimits: ['stripe'] }), 'warn', /^stripe$/]],
  'unreadable-batches': [[withStatus({ unreadableBatches: 3 }), 'fail', /3 batches cannot be read/]],
  'invalid-records': [
    [
      { ...HEALTHY, records: { ...RECORDS, invalid: [{ path: '/queues/a', why: 'not JSON' }] } },
      'fail',
      /\/queues\/a: not JSON/,
    ],
  ],
  'orphaned-assignments': [[{ ...HEALTHY, records: { ...RECORDS, orphans: ['/assignments/w9'] } }, 'warn', /w9/]],
  'full-directories': [
    [
      { ...HEALTHY, records: { ...RECORDS, fullDirectories: [{ path: '/tasks/00', children: 30_000 }] } },
      'warn',
      /30,000 children/,
    ],
  ],
  'open-root': [
    [
      { ...HEALTHY, session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      'warn',
      /open to everybody/,
    ],
    [
      withConnection(
        { auth: ['digest'], tls: true },
        { session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      ),
      'fail',
      /although credentials are given/,
    ],
    [
      withConnection(
        { loopback: true },
        { session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      ),
      'note',
      /open/,
    ],
  ],
  'digest-without-tls': [[withConnection({ auth: ['digest'] }), 'fail', /without TLS/]],
  'exposed-secrets': [
    [
      { ...HEALTHY, exposedFiles: [{ path: '/etc/auth', setting: '--zk-auth-file', others: 'read' }] },
      'fail',
      /others may read \/etc\/auth/,
    ],
  ],
  'open-api': [[withApi({ auth: ['none'] }), 'fail', /without authentication: s1 at https:\/\/node-1:7373/]],
  'plain-api': [
    [withApi({ replicas: [{ ...API.replicas[0]!, url: 'http://node-1:7373' }] }), 'warn', /s1 answers at http:/],
  ],
  tokens: [
    [{ ...HEALTHY, tokens: [{ ...TOKENS[0]!, expiresAt: null }] }, 'warn', /ci \(a\) never expires/],
    [{ ...HEALTHY, tokens: [{ ...TOKENS[0]!, expiresAt: NOW + DAY }] }, 'warn', /expires in/],
  ],
  certificates: [
    [{ ...HEALTHY, certificates: [{ what: 'API', validTo: NOW + DAY }] }, 'warn', /API: ends in/],
    [{ ...HEALTHY, certificates: [{ what: 'API', validTo: NOW - DAY }] }, 'fail', /has ended/],
  ],
  'shell-for-submitters': [
    [
      {
        ...withStatus({ workers: [{ ...worker('w1'), types: ['shell'] }] }),
        tokens: [{ ...TOKENS[0]!, roles: ['submitter'] }],
      },
      'warn',
      /ci \(a\) may submit to every queue, and w1 offers shell/,
    ],
  ],
  api: [
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 0, why: 'ECONNREFUSED' }] }), 'warn', /s1 at .*: ECONNREFUSED/],
  ],
  probes: [
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 503 }] }), 'fail', /s1 is not alive/],
    [withApi({ replicas: [{ ...API.replicas[0]!, readyz: 503 }] }), 'warn', /s1 is not ready/],
  ],
  metrics: [[withApi({ metrics: new Map() }), 'warn', /none/]],
};

const found = (facts: Facts, code: string): Finding[] =>
  examine(CHECKS, facts).filter((finding) => finding.code === code);

test('a healthy cluster has no problems, and every check is made', (t) => {
  t.deepEqual(
    examine(CHECKS, HEALTHY).filter(({ result }) => result !== 'ok'),
    [],
  );
});

test('every check is provoked here, and no other', (t) => {
  t.deepEqual(
    Object.keys(PROVOKED),
    CHECKS.map(({ code }) => code),
  );
});

for (const [code, cases] of Object.entries(PROVOKED)) {
  test(`check ${code}`, (t) => {
    for (const [facts, result, text] of cases) {
      const [first] = found(facts, code);
      t.is(first?.result, result, first?.text);
      t.regex(first?.text ?? '', text);
      t.truthy(first?.cure);
    }
  });
}

test('a check that could not be made is skipped, with the reason, and never well', (t) => {
  const none = { missing: 'not asked' };
  const facts: Facts = {
    ...HEALTHY,
    session: none,
    servers: none,
    cluster: none,
    api: none,
    tokens: none,
    records: none,
    certificates: [],
  };
  const findings = examine(CHECKS, facts);
  t.deepEqual(
    findings.filter(({ result }) => result === 'ok').map(({ code }) => code),
    // These look at the settings of this machine only.
    ['plain-port', 'digest-without-tls', 'exposed-secrets'],
  );
  t.true(findings.filter(({ result }) => result === 'skipped').every(({ text }) => text !== ''));
});

test('the report names what is wrong and the cure, counts the rest, and lists it if asked', (t) => {
  const facts = withStatus({ unservedTypes: ['resize'], queues: [queue('mail', { paused: true, pending: 90 })] });
  const findings = examine(CHECKS, facts);
  const text = showReport(facts, findings, NO_COLORS, { verbose: false });
  t.regex(text, /^cluster {2}zk1:2181.* leader s1, epoch 7, for 60m 0s|1h 0m/m);
  t.regex(text, /^ {2}FAIL {2}unserved-types +'resize': /m);
  t.regex(text, /fix: .*drover cancel --filter 'type:resize state:pending'/);
  t.regex(text, /^ {2}WARN {2}paused-queues +mail: 90 tasks wait/m);
  t.regex(text, /^1 problem, 1 warning$/m);
  t.false(text.includes('zookeeper-load'));
  t.true(showReport(facts, findings, NO_COLORS, { verbose: true }).includes('zookeeper-load'));
});

test('versions of ZooKeeper are judged within their line', (t) => {
  for (const version of ['3.8.6', '3.9.5', '3.9.6', '3.10.0', '4.0.0', 'nonsense'])
    t.is(versionFault(version), null, version);
  for (const version of ['3.4.14', '3.6.4', '3.8.0', '3.8.5', '3.9.0']) t.truthy(versionFault(version), version);
});

test('what servers and schedulers tell is read, and garbage is not', (t) => {
  const srvr =
    'Zookeeper version: 3.9.5-abc, built on 2026\nLatency min/avg/max: 0/0.1/3\nOutstanding: 7\nMode: follower\n';
  t.deepEqual(readSrvr(srvr), { version: '3.9.5', mode: 'follower', outstanding: 7 });
  t.deepEqual(readSrvr('srvr is not executed'), { version: null, mode: null, outstanding: null });
  const metrics = readMetrics(
    '# HELP x y\ndrover_a 1\ndrover_b{le="0.05"} 2.5e3\nnodejs_c 3\ndrover_d{le="+Inf"} +Inf\ngarbage',
  );
  t.deepEqual(
    [...metrics],
    [
      ['drover_a', 1],
      ['drover_b{le="0.05"}', 2_500],
      ['drover_d{le="+Inf"}', Infinity],
    ],
  );
});

test('every link leads to a document of the repository; docs/doctor.md is as generated', async (t) => {
  const at = (path: string): URL => new URL(`../../../../../${path}`, import.meta.url);
  for (const { code, link } of CHECKS) {
    const [path = '', anchor] = link.split('#');
    const text = await readFile(at(path), 'utf8');
    const heads = [...text.matchAll(/^#+ (.*)$/gm)].map(([, head = '']) =>
      head
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    if (anchor !== undefined) t.true(heads.includes(anchor), `${code}: ${link}`);
  }
  const flat = (text: string): string => text.replace(/[\s|-]+/g, ' ');
  t.is(flat(await readFile(at('docs/doctor.md'), 'utf8')), flat(doctorDocument()), 'run node tools/doctor.mjs');
});

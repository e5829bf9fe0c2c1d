import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { Field } from './field.js';
import { clientFields, nameOfHost, schedulerFields, workerFields } from './fields.js';
import { ConfigError, resolveClientConfig, resolveSchedulerConfig, resolveWorkerConfig } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'drover-config-'));
let files = 0;
function fileWith(content: string): string {
  const path = join(folder, `settings-${files++}.json`);
  writeFileSync(path, content);
  return path;
}

function refused(t: ExecutionContext, resolve: () => unknown): string {
  return t.throws(resolve, { instanceOf: ConfigError }).message;
}

test('flags win over the environment, and that over the file', (t) => {
  const file = fileWith(
    '{"name": "from-file", "weight": 2, "concurrency": 3, "typeConcurrency": {"img:ocr": 2}, "retainTasks": 5}',
  );
  const env = { DROVER_NAME: 'from-env', DROVER_WEIGHT: '4', DROVER_CONFIG: file };
  const config = resolveWorkerConfig({ flags: { name: 'from-flag', weight: undefined }, env });
  t.like(config, { name: 'from-flag', weight: 4, concurrency: 3, typeConcurrency: { 'img:ocr': 2 } });
  const flags = resolveWorkerConfig({ flags: { typeConcurrency: 'img:ocr=1,b=7' } });
  t.deepEqual(flags.typeConcurrency, { 'img:ocr': 1, b: 7 });
});

test('without any source a config is complete, and an empty variable is none', (t) => {
  t.deepEqual(resolveClientConfig({ env: { DROVER_ZK: '' } }), {
    zookeeper: {
      connect: '127.0.0.1:2181/drover',
      driver: 'drover',
      sessionTimeoutMs: 6_000,
      connectTimeoutMs: 10_000,
      auth: [],
    },
    tracing: null,
    log: { level: 'warn', stacks: false },
  });
});

test('a chroot is kept, its absence means /drover', (t) => {
  const connect = (zk: string) => resolveClientConfig({ flags: { zk } }).zookeeper.connect;
  t.is(connect('zk1:2181,zk2:2181/prod/a'), 'zk1:2181,zk2:2181/prod/a');
  t.is(connect('[::1]:2181'), '[::1]:2181/drover');
  t.is(connect('zk1:2181/'), 'zk1:2181/drover');
});

test('a config is frozen, with all that it holds', (t) => {
  const config = resolveWorkerConfig({ flags: { labels: 'zone=a,disk=ssd' } });
  t.deepEqual(config.labels, { zone: 'a', disk: 'ssd' });
  t.true([config, config.labels, config.zookeeper, config.zookeeper.auth].every(Object.isFrozen));
});

test('how long a worker is patient with its handlers can be told', (t) => {
  t.like(resolveWorkerConfig({}), { abortGraceMs: 2_000, blockedAfterMs: 10_000 });
  t.like(resolveWorkerConfig({ flags: { abortGrace: '500ms' }, env: { DROVER_BLOCKED_AFTER: '1m' } }), {
    abortGraceMs: 500,
    blockedAfterMs: 60_000,
  });
});

test('an error names the source, what was expected and what was given', (t) => {
  t.is(
    refused(t, () => resolveSchedulerConfig({ flags: { sessionTimeout: 'soon' } })),
    `--session-timeout: expected a duration such as '500ms', '30s' or '5m', from 500ms to 10m, got "soon"`,
  );
  t.regex(
    refused(t, () => resolveWorkerConfig({ env: { DROVER_CONCURRENCY: '0' } })),
    /^DROVER_CONCURRENCY: expected a whole number from 1 to 100000, 'auto', .*, got "0"$/,
  );
  const file = fileWith('{"weight": -1}');
  t.is(
    refused(t, () => resolveWorkerConfig({ file })),
    `${file}: weight: expected a number above 0, at most 1000000, got -1`,
  );
});

test('all that is wrong is told at once', (t) => {
  const message = refused(t, () => resolveSchedulerConfig({ flags: { zk: 'nowhere', id: 'a b', retainTasks: 1.5 } }));
  t.regex(message, /--zk: .*\n--id: .*\n--retain-tasks: /);
});

test('rules over two fields tell both values, under the names that the user gave', (t) => {
  const env = { DROVER_RETAIN_AGE: '5m' };
  t.is(
    refused(t, () => resolveSchedulerConfig({ flags: { retainAtLeast: '10m' }, env })),
    '--retain-at-least is 10m, longer than DROVER_RETAIN_AGE, which is 5m; set it to at most that',
  );
  t.regex(
    refused(t, () => resolveWorkerConfig({ flags: { concurrency: 2, computeThreads: 4 } })),
    /--compute-threads is 4, more than --concurrency, which is 2/,
  );
  t.regex(
    refused(t, () => resolveClientConfig({ env: { DROVER_ZK_TLS_CERT_FILE: '/c.pem' } })),
    /^DROVER_ZK_TLS_CERT_FILE requires --zk-tls-key-file/,
  );
});

test('an unknown setting of the file is refused, with a suggestion', (t) => {
  const file = fileWith('{"sesionTimeout": "6s"}');
  t.is(
    refused(t, () => resolveClientConfig({ file })),
    `${file}: unknown setting 'sesionTimeout'; did you mean 'sessionTimeout'?`,
  );
  t.regex(
    refused(t, () => resolveClientConfig({ file: fileWith('{') })),
    /not JSON/,
  );
  t.regex(
    refused(t, () => resolveClientConfig({ file: join(folder, 'absent') })),
    /there is no such file/,
  );
});

test('secrets come from files, and a bad file is reported without its content', (t) => {
  const good = fileWith('# ours\ndigest:drover:s3cret\n');
  const { auth } = resolveClientConfig({ env: { DROVER_ZK_AUTH_FILE: good } }).zookeeper;
  t.deepEqual(auth, [{ scheme: 'digest', credentials: 'drover:s3cret' }]);
  const message = refused(t, () => resolveClientConfig({ flags: { zkAuthFile: fileWith('s3cret\n') } }));
  t.regex(message, /^--zk-auth-file: .*entry 1: expected SCHEME:CREDENTIALS/);
  t.notRegex(message, /s3cret/);
});

test('naming any TLS file switches TLS on; zkTls=false switches it off', (t) => {
  const ca = fileWith('PEM');
  t.deepEqual(resolveClientConfig({ flags: { zkTlsCaFile: ca } }).zookeeper.tls?.(), { ca: 'PEM' });
  t.deepEqual(resolveClientConfig({ env: { DROVER_ZK_TLS: 'true' } }).zookeeper.tls?.(), {});
  t.is(resolveClientConfig({ flags: { zkTlsCaFile: ca, zkTls: false } }).zookeeper.tls, undefined);
});

test('TLS files are read for each connection, so that new certificates count without a restart', (t) => {
  const ca = fileWith('OLD');
  const { tls } = resolveClientConfig({ flags: { zkTlsCaFile: ca } }).zookeeper;
  writeFileSync(ca, 'NEW');
  t.deepEqual(tls?.(), { ca: 'NEW' });
  rmSync(ca);
  t.throws(() => tls?.(), { instanceOf: ConfigError, message: /--zk-tls-ca-file/ });
  const absent = join(folder, 'absent.pem');
  t.regex(
    refused(t, () => resolveClientConfig({ flags: { zkTlsCaFile: absent } })),
    /--zk-tls-ca-file/,
  );
});

test('built-in types that act are offered when they are asked for, once each', (t) => {
  t.like(resolveWorkerConfig({}), { builtin: [], http: { policy: 'public', allow: [] } });
  const flags = { builtin: 'shell, http,shell', httpPolicy: 'private', httpAllow: 'api.internal:8443,10.1.0.0/16' };
  t.like(resolveWorkerConfig({ flags }), {
    builtin: ['shell', 'http'],
    http: { policy: 'private', allow: ['api.internal:8443', '10.1.0.0/16'] },
  });
  t.deepEqual(resolveWorkerConfig({ file: fileWith('{"builtin": ["file"]}') }).builtin, ['file']);
  for (const builtin of ['shel', 'shell,', 'shell http', 'all'])
    t.is(
      refused(t, () => resolveWorkerConfig({ flags: { builtin } })),
      `--builtin: expected some of shell, http, file, separated by commas, got ${JSON.stringify(builtin)}`,
    );
});

test('the name of a process begins with a letter or a digit, whatever its host is called', (t) => {
  for (const [host, name] of [
    ['_foo', 'foo'],
    ['-_.x', 'host'],
    ['web_1.example.org', 'web_1'],
    ['', 'host'],
    ['é', 'host'],
    ['a'.repeat(200), 'a'.repeat(100)],
  ] as const)
    t.is(nameOfHost(host), name);
  t.notThrows(() => resolveWorkerConfig({}));
});

test('ports and chroots that cannot be are refused before anything is tried', (t) => {
  const bad = ['host:99999', 'host:0', 'zk1:2181,zk2:70000', 'host:2181//a', 'host:2181/a/../b', 'host:2181/.', 'host'];
  for (const zk of bad)
    t.regex(
      refused(t, () => resolveClientConfig({ flags: { zk } })),
      /^--zk: expected host:port.*, ports from 1 to 65535, got "/,
      zk,
    );
});

test('a setting that a file gives twice is refused', (t) => {
  const file = fileWith('{"logLevel": "error", "log\\u004cevel": "info"}');
  t.is(
    refused(t, () => resolveClientConfig({ file })),
    `${file}: the setting 'logLevel' is given more than once; keep one of them`,
  );
});

test('a settings file may begin with a byte order mark; one that is no text says what it is', (t) => {
  const mark = fileWith('\uFEFF{"logLevel": "error"}');
  t.is(resolveClientConfig({ file: mark }).log.level, 'error');
  const gzip = fileWith('');
  writeFileSync(gzip, gzipSync('{}'));
  t.is(
    refused(t, () => resolveClientConfig({ file: gzip })),
    `${gzip}: expected UTF-8 text, got a gzip file`,
  );
  const latin1 = fileWith('');
  writeFileSync(latin1, Buffer.from([0x22, 0xe4, 0x22]));
  t.is(
    refused(t, () => resolveClientConfig({ file: latin1 })),
    `${latin1}: expected UTF-8 text`,
  );
});

for (const [kind, fields, resolve] of [
  ['scheduler', schedulerFields, resolveSchedulerConfig],
  ['worker', workerFields, resolveWorkerConfig],
  ['client', clientFields, resolveClientConfig],
] as const)
  test(`a ${kind} runs with the defaults that its help shows`, (t) => {
    const words = ['id', 'name', 'computeThreads', 'builtin'];
    // Settings of the API have no effect, and are refused, without others.
    const isShown = (name: string): boolean => !words.includes(name) && !name.startsWith('api');
    const shown = Object.entries<Field>(fields).filter(([name, field]) => field.default && isShown(name));
    const flags = Object.fromEntries(shown.map(([name, field]) => [name, field.default]));
    t.deepEqual(resolve({ flags }), resolve({}));
  });

test('ageing is a duration above 0 or off, from a flag or a file', (t) => {
  const agingOf = (aging?: string): number | null => resolveSchedulerConfig({ flags: { aging } }).agingMs;
  t.deepEqual([agingOf(), agingOf('10s'), agingOf('off')], [60_000, 10_000, null]);
  const file = fileWith('{"aging": "off"}');
  t.is(resolveSchedulerConfig({ env: { DROVER_CONFIG: file } }).agingMs, null);
  for (const wrong of ['0', 'never', '2 years'])
    t.regex(
      refused(t, () => resolveSchedulerConfig({ flags: { aging: wrong } })),
      /--aging.*'5m', above 0 and at most 1 year, or 'off'/,
    );
});

test('settings of traces without a receiver are refused; a share is from 0 to 1', (t) => {
  const flags = { otlpEndpoint: 'http://127.0.0.1:4318', traceRatio: '0.25', traceMode: 'parent', traceErrors: true };
  const tracing = { endpoint: 'http://127.0.0.1:4318', ratio: 0.25, mode: 'parent', errors: true };
  t.deepEqual(resolveWorkerConfig({ flags }).tracing, tracing as never);
  for (const [name, value] of [['traceRatio', '0.5'], ['traceMode', 'parent'], ['traceErrors', true]] as const) // prettier-ignore
    t.regex(refused(t, () => resolveWorkerConfig({ flags: { [name]: value } })), /^--trace-\w+ has no effect without --otlp-endpoint$/); // prettier-ignore
  t.regex(
    refused(t, () => resolveClientConfig({ flags: { traceRatio: '2' } })),
    /from 0 to 1, as 0.01, got "2"/,
  );
  t.regex(
    refused(t, () => resolveSchedulerConfig({ flags: { otlpEndpoint: 'localhost:4318' } })),
    /an http: or https: URL/,
  );
});

test('the API listens at loopback, or where it is told', (t) => {
  t.like(resolveSchedulerConfig({}).api, {
    ...{ listen: { host: '127.0.0.1', port: 7_373 }, anyPort: true, advertise: null, basePath: '', corsOrigins: [] },
  });
  t.is(resolveSchedulerConfig({ flags: { apiListen: 'off' } }).api, null);
  const given = { apiListen: '127.0.0.1:80', apiBasePath: '/a/b/', apiAdvertise: 'http://h:1/' };
  t.like(resolveSchedulerConfig({ flags: given }).api, { anyPort: false, basePath: '/a/b', advertise: 'http://h:1' });
  for (const apiCorsOrigin of ['*', 'https://a.org/', 'a.org'])
    t.regex(
      refused(t, () => resolveSchedulerConfig({ flags: { apiCorsOrigin } })),
      /--api-cors-origin: expected origins/,
    );
});

test('what a worker declares: from flags, the environment and a file', (t) => {
  t.like(resolveWorkerConfig({}), {
    ...{ resources: { amounts: {}, devices: {}, isAuto: false }, overcommit: {}, pool: null, warmupMs: null },
    ...{ maxLoad: null, cuda: false, spot: null, adaptive: null, concurrency: 8 },
  });
  const flags = { resources: 'cpu=8,memory=16GiB,gpu=0|3', overcommit: 'cpu=1.5', pool: 'batch', cuda: true };
  t.like(resolveWorkerConfig({ flags, env: { DROVER_SPOT: 'gcp', DROVER_WARMUP: '10m', DROVER_MAX_LOAD: '12' } }), {
    resources: { amounts: { cpu: 8_000, gpu: 2_000, memory: 2 ** 34 }, devices: { gpu: ['0', '3'] }, isAuto: false },
    ...{ overcommit: { cpu: 1.5 }, pool: 'batch', cuda: true, spot: 'gcp', warmupMs: 600_000, maxLoad: 12 },
  });
  const file = fileWith('{"resources": {"cpu": 2, "gpu": ["a"], "auto": true}, "concurrency": "auto:2-32"}');
  t.like(resolveWorkerConfig({ file }), {
    resources: { amounts: { cpu: 2_000, gpu: 1_000 }, devices: { gpu: ['a'] }, isAuto: true },
    ...{ concurrency: 2, adaptive: { min: 2, max: 32 } },
  });
  t.like(resolveWorkerConfig({ env: { DROVER_CONCURRENCY: 'auto' } }), { adaptive: { min: 4, max: 256 } });
});

test('resources that make no sense are refused, with the resource and what is expected', (t) => {
  const message = (flags: Record<string, unknown>) => refused(t, () => resolveWorkerConfig({ flags }));
  t.is(
    message({ resources: 'cpu=-1' }),
    '--resources: resources.cpu: expected a number from 0 with three decimals at most, such as 2 or 0.5, got "-1"',
  );
  t.regex(message({ resources: 'memory=8QiB' }), /^--resources: resources\.memory: expected whole bytes.*got "8QiB"$/);
  t.regex(message({ overcommit: 'memory=2' }), /^--overcommit: overcommit\.memory: expected 'memory!' if you mean it/);
  t.regex(message({ concurrency: 'auto:9-3' }), /^--concurrency: expected a whole number .*'auto'.*got "auto:9-3"$/);
  t.regex(message({ spot: 'oracle' }), /^--spot: expected aws, gcp or azure/);
  t.regex(message({ pool: 'a b' }), /^--pool: expected a name/);
});

test('labels of a file, and those of the command line go before them', (t) => {
  const labelsFile = fileWith('# of this rack\nrack = r7\nzone=a=b\n\n');
  t.deepEqual(resolveWorkerConfig({ flags: { labelsFile, labels: 'rack=r8' } }).labels, { rack: 'r8', zone: 'a=b' });
  for (const [content, why] of [
    ['rack', 'line 1: expected NAME=VALUE'],
    ['a=1\n=2', 'line 2: expected NAME=VALUE'],
    ['a=1\na=2', "line 2: the label 'a' is given twice"],
  ] as const) {
    const path = fileWith(content);
    t.is(
      refused(t, () => resolveWorkerConfig({ flags: { labelsFile: path } })),
      `--labels-file: ${path}, ${why}`,
    );
  }
});

test('whose turn it is and when slow tasks are begun once more can be told', (t) => {
  const { fairness, fairnessExclude, speculateAfter, speculateShare } = resolveSchedulerConfig({});
  t.deepEqual([fairness, fairnessExclude, speculateAfter, speculateShare], ['resources', [], 1.5, 0.1]);
  const env = {
    DROVER_FAIRNESS_EXCLUDE: 'disk, licence.x',
    DROVER_SPECULATE_AFTER: '2.5',
    DROVER_SPECULATE_SHARE: '0',
  };
  const told = resolveSchedulerConfig({ env });
  t.like(told, { fairnessExclude: ['disk', 'licence.x'], speculateAfter: 2.5, speculateShare: 0 });
  const wrong = (flags: Record<string, string>) => refused(t, () => resolveSchedulerConfig({ flags }));
  t.regex(wrong({ fairness: 'time' }), /^--fairness: expected one of tasks, resources, got "time"/);
  t.regex(wrong({ fairnessExclude: 'Disk' }), /^--fairness-exclude: expected names of resources such as disk/);
  t.regex(wrong({ speculateAfter: '0.5' }), /^--speculate-after: expected a number from 1 to 1000, as 1.5, got "0.5"/);
  t.regex(wrong({ speculateShare: '10' }), /^--speculate-share: expected a number from 0 to 1/);
  t.regex(wrong({ fairness: 'tasks', fairnessExclude: 'slots' }), /counts nothing but slots: leave one of the two out/);
});

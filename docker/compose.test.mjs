import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parse } from 'yaml';
import {
  envName,
  resolveSchedulerConfig,
  resolveWorkerConfig,
  schedulerFields,
  workerFields,
} from '../libs/config/dist/src/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const compose = parse(readFileSync(join(root, 'docker/compose.yaml'), 'utf8'), { merge: true });
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
const services = Object.entries(compose.services);
const drovers = services.filter(([, service]) => service.image === 'drover');
const zooKeepers = services.filter(([, service]) => service.image.startsWith('zookeeper:'));
const membersOf = (role) => drovers.filter(([, service]) => service.command[0] === role);

/** The environment of a service, as its process sees it, with the secret that the compose file itself points to. */
function environmentOf(service) {
  const texts = Object.entries(service.environment).map(([name, value]) => [name, String(value)]);
  const secret = join(root, 'docker/secrets/zookeeper-auth.example');
  return { ...Object.fromEntries(texts), DROVER_ZK_AUTH_FILE: secret };
}

test('there are three ZooKeepers, three schedulers and two workers', (t) => {
  t.is(zooKeepers.length, 3);
  t.is(membersOf('scheduler').length, 3);
  t.is(membersOf('worker').length, 2);
});

test('every service runs without root, restarts, and says whether it is well', (t) => {
  for (const [name, service] of services.filter(([, { profiles }]) => !profiles)) {
    t.true(typeof service.user === 'string' && service.user !== 'root', name);
    t.is(service.restart, 'unless-stopped', name);
    t.true(Array.isArray(service.healthcheck.test), name);
  }
});

test('every command is one of the command line', (t) => {
  for (const [name, service] of drovers) {
    const parameters = [join(root, 'apps/cli/bin/drover.js'), ...service.command, '--help'];
    const help = execFileSync(process.execPath, parameters, { encoding: 'utf8' });
    t.true(help.includes(`drover ${service.command[0]}`), name);
  }
});

test('every variable is a setting of its process, and its value is accepted', (t) => {
  const roles = [
    ['scheduler', schedulerFields, resolveSchedulerConfig],
    ['worker', workerFields, resolveWorkerConfig],
  ];
  for (const [role, fields, resolve] of roles) {
    const known = Object.keys(fields).map(envName);
    for (const [name, service] of membersOf(role)) {
      for (const variable of Object.keys(service.environment)) t.true(known.includes(variable), `${name}: ${variable}`);
      t.notThrows(() => resolve({ env: environmentOf(service) }), name);
    }
  }
});

test('the connect string, ZOO_SERVERS, the ids and the volumes speak of the same ensemble', (t) => {
  const names = zooKeepers.map(([name]) => name);
  const { connect } = resolveSchedulerConfig({ env: environmentOf(membersOf('scheduler')[0][1]) }).zookeeper;
  t.is(connect, `${names.map((name) => `${name}:2181`).join(',')}/drover`);
  zooKeepers.forEach(([name, service], index) => {
    t.is(service.environment.ZOO_MY_ID, index + 1);
    t.is(
      service.environment.ZOO_SERVERS.trim(),
      names.map((host, n) => `server.${n + 1}=${host}:2888:3888;2181`).join(' '),
    );
    for (const volume of service.volumes) t.true(volume.split(':')[0] in compose.volumes, `${name}: ${volume}`);
  });
});

test('members have names of their own, and depend on every ZooKeeper', (t) => {
  const names = drovers.map(([, { environment }]) => environment.DROVER_ID ?? environment.DROVER_NAME).filter(Boolean);
  t.is(new Set(names).size, 5);
  for (const [name, service] of drovers)
    t.deepEqual(
      Object.keys(service.depends_on),
      zooKeepers.map(([zk]) => zk),
      name,
    );
});

test('secrets come as files that exist, and none stands in the environment', (t) => {
  for (const [, { environment }] of drovers) t.is(environment.DROVER_ZK_AUTH_FILE, '/run/secrets/zookeeper-auth');
  const [, fallback] = /:-(.*)}$/.exec(compose.secrets['zookeeper-auth'].file);
  t.true(existsSync(join(root, 'docker', fallback)));
  t.false(/password|secret/i.test(Object.keys(Object.assign({}, ...services.map(([, s]) => s.environment))).join(' ')));
});

test('the image ends up without root, starts the command line, and copies only what exists', (t) => {
  t.regex(dockerfile, /^USER node$/m);
  t.true(dockerfile.lastIndexOf('USER node') > dockerfile.lastIndexOf('\nRUN '));
  const [, entrypoint] = /^ENTRYPOINT (.*)$/m.exec(dockerfile);
  const program = JSON.parse(entrypoint).at(-1);
  const healthChecks = drovers.map(([, { healthcheck }]) => healthcheck.test?.[2] ?? program);
  for (const path of new Set([program, ...healthChecks]))
    t.true(existsSync(join(root, path.replace('/app/', ''))), path);
  for (const [, service] of drovers)
    t.is(join(root, 'docker', service.build.context, service.build.dockerfile), join(root, 'docker/Dockerfile'));
});

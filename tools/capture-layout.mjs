// Captures what an earlier release leaves in ZooKeeper in the middle of its work, as a fixture for tests:
//
//   node tools/capture-layout.mjs <packed release> <ZooKeeper> <file>
//
// Runs the packed release (tools/pack-release.mjs) below a new root of that ZooKeeper: batches that are finished, kept
// for their failed tasks, cancelled in part, pending, delayed, waiting for another attempt, keyed, out at a living and
// at a dead worker, reported in parts; settings of queues; a command that nobody has answered. Then it writes every
// znode.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { brotliDecompressSync } from 'node:zlib';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';

const [release, server, file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node tools/capture-layout.mjs <packed release> <ZooKeeper> <file>');
  process.exit(2);
}

const HANDLERS = `export default {
  async work() { return 'done'; },
  async fail() { throw new Error('it never works'); },
  async flaky(_payload, { attempt }) { if (attempt === 1) throw new Error('not yet'); return 'done'; },
  async hold(_payload, { signal }) { await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))); },
};`;

const { commit, files } = JSON.parse(brotliDecompressSync(readFileSync(release)));
const folder = mkdtempSync(path.join(tmpdir(), 'drover-layout-'));
for (const [name, text] of Object.entries({ ...files, 'handlers.mjs': HANDLERS })) {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
const root = `/layout-${Date.now()}`;
const started = [];

function start(...args) {
  const child = spawn(process.execPath, [path.join(folder, 'dist/src/main.js'), ...args, '--zk', server + root], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

/** Runs a command to its end; answers what it printed, a JSON value a line. */
async function drover(args, input = '') {
  const child = start(...args, '--json');
  child.stdin.end(input);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code > 1) throw new Error(`drover ${args.join(' ')}: ${code}: ${err}`);
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const submit = (tasks, ...flags) =>
  drover(['submit', '--from', '-', ...flags], tasks.map((task) => JSON.stringify(task)).join('\n'));
const many = (type, count, more = {}) => Array.from({ length: count }, (_, n) => ({ type, payload: { n }, ...more }));

async function until(ask) {
  while (!(await ask())) await delay(50);
}
const stateOf = async (id) => (await drover(['get', id]))[0].state;

async function dump(zk, at = '/') {
  const [znode, names] = await Promise.all([zk.get(at), zk.children(at)]);
  const own = {
    path: at,
    data: znode.data.toString('base64'),
    ...(znode.stat.ephemeralOwner === 0n ? {} : { ephemeral: true }),
  };
  const below = await Promise.all(names.sort().map((name) => dump(zk, at === '/' ? `/${name}` : `${at}/${name}`)));
  return [own, ...below.flat()];
}

try {
  const scheduler = start('scheduler', '--id', 'old-s1', '--session-timeout', '4s');
  const worker = (name) =>
    start(
      'worker',
      '--name',
      name,
      '--concurrency',
      '4',
      '--session-timeout',
      '4s',
      '--handlers',
      path.join(folder, 'handlers.mjs'),
    );
  worker('old-w1');
  const zk = connectZooKeeper({ connect: server + root, runtime: systemRuntime });
  await until(async () => (await drover(['workers'])).length === 1);
  await zk.connected();

  await submit(many('work', 3), '--wait');
  await submit([...many('work', 2), ...many('fail', 2, { maxAttempts: 1 })], '--wait');
  await submit(many('work', 1, { key: 'finished' }), '--wait');
  await drover(['queue', 'limited', '--max-running', '2', '--weight', '3']);
  await drover(['pause', 'held']);
  const held = await submit([
    ...many('work', 4, { queue: 'held' }),
    ...many('work', 1, { queue: 'held', key: 'pending' }),
  ]);
  await drover(['cancel', held[1].id]);

  const dying = worker('old-w2');
  await until(async () => (await drover(['workers'])).length === 2);
  await submit(many('hold', 6, { queue: 'limited' }));
  await until(async () => {
    const workers = await zk.children('/assignments');
    const out = await Promise.all(workers.map((each) => zk.children(`/assignments/${each}`)));
    return out.every((names) => names.length > 0);
  });
  dying.kill('SIGKILL');
  await until(async () => (await drover(['workers'])).length === 1);
  await submit([...many('work', 2), ...many('hold', 1), ...many('work', 1)]);
  const [flaky] = await submit(
    many('flaky', 1, { retry: { kind: 'constant', delayMs: 5_000, maxDelayMs: 5_000, jitter: 0 } }),
  );
  await until(async () => (await stateOf(flaky.id)) === 'retrying');

  scheduler.kill('SIGKILL');
  await submit([...many('work', 3), ...many('work', 2, { delay: '1s' }), ...many('work', 1, { key: 'late' })]);
  const unanswered = start('cancel', held[2].id);
  await until(async () => (await zk.children('/commands')).length > 0);
  const tasks = Object.fromEntries((await drover(['ls', '--limit', '1000'])).map(({ id, state }) => [id, state]));
  const znodes = await dump(zk);
  unanswered.kill('SIGKILL');
  // Empty buckets are left out: a leader creates them.
  const kept = znodes.filter(
    ({ path: at }) => !/^\/(tasks|keys)\/..$/.test(at) || znodes.some((each) => each.path.startsWith(`${at}/`)),
  );
  const asked = { cancelled: held[2].id };
  writeFileSync(file, `${JSON.stringify({ commit, tasks, asked, znodes: kept }, null, 1)}\n`);
  console.log(`${file}: ${kept.length} znodes, ${Object.keys(tasks).length} tasks`);
  await zk.close();
} finally {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

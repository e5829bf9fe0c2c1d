import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { drover, start, ended, testFolder } from './drover.js';
import { runHere } from './run-here.js';

test('--version and completion answer', async (t) => {
  t.regex((await drover(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  t.regex((await drover(['completion', 'zsh'])).stdout, /^#compdef drover\n/);
  t.is((await drover(['completion', '--line', 'st'])).stdout, 'status\n');
});

test('the real process ends with 2 and says what is wrong, without a stack trace', async (t) => {
  // Build servers set it; a pipe is no terminal all the same.
  const { code, stdout, stderr } = await drover(['status', '--jsn'], { env: { CI: 'true' } });
  t.is(code, 2);
  t.is(stdout, '');
  t.is(stderr, "drover: unknown option --jsn; did you mean --json?\nsee 'drover status --help'\n");
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  test(`${signal} while the program still loads ends it as it ends a command`, async (t) => {
    // Comes with the first turn after the program has begun to listen: most of it is not loaded then.
    const script = `process.on('newListener', (name) =>
      name === '${signal}' && setImmediate(() => process.kill(process.pid, '${signal}')))`;
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
    const ends = await drover(['status', '--zk', '127.0.0.1:1', '--connect-timeout', '1m'], { env });
    t.deepEqual(ends, { code, stdout: '', stderr: `drover: stopped by ${signal}\n` });
  });

test('a ZooKeeper that is not there: exit code 3 within the connect timeout', async (t) => {
  for (const command of [['status'], ['submit', 'echo'], ['scheduler'], ['worker']]) {
    const { code, stderr } = await drover([...command, '--zk', '127.0.0.1:1', '--connect-timeout', '300ms']);
    t.is(code, 3, `${command.join(' ')}: ${stderr}`);
    t.regex(stderr, /no ZooKeeper at 127\.0\.0\.1:1/);
  }
});

test('a ZooKeeper where no Drover is: exit code 3, and nothing is made there', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = `${connect}/typo`;
  const id = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0';
  for (const command of [['status'], ['ls'], ['workers'], ['queue'], ['get', id], ['drain', 'w1']]) {
    const { code, stdout, stderr } = await runHere([...command, '--zk', zk]);
    t.is(code, 3, `${command.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, /^drover: no Drover at .*\/typo: no scheduler was ever started/);
  }
  const { code, stderr } = await drover(['status', '--zk', zk]);
  t.is(code, 3);
  t.regex(stderr, /^drover: no Drover at /);
  t.regex((await drover(['--help'])).stdout, /3 ZooKeeper\s+cannot be reached,\s+or no Drover is there\./);
});

test('a handlers module that cannot be used: exit code 2, file and cause', async (t) => {
  const zk = await testZooKeeper(t);
  const path = join(await testFolder(t), 'handlers.mjs');
  await writeFile(path, 'export default { resize: 7 };');
  for (const [module, message] of [
    [path, /handlers\.mjs: TypeError: handler 'resize': expected a function/],
    ['./nowhere.mjs', /nowhere\.mjs/],
  ] as const) {
    const { code, stderr } = await drover(['worker', '--handlers', module, '--zk', zk.connect, '--log-level', 'fatal']);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
    t.notRegex(stderr, /^\s+at /m);
  }
});

for (const [unique, message] of [
  ['doc1,mode=newest', /unique\.mode: expected 'first', 'last', 'cancel', 'throttle', 'debounce', got "newest"/],
  ['doc1,mode=debounce', /unique\.quiet: expected a time such as 5s: mode 'debounce' needs it/],
  ['doc1,mode=last,every=2s', /unique\.every: expected no every with mode 'last'/],
  ['doc1,mod=last', /unique: expected KEY\[,mode=first\|last/],
  ['doc1,mode=debounce,quiet=5s,max=1s', /unique\.max: expected at least quiet, which is 5000 ms/],
  ['', /unique: expected text of 1 to 512 characters/],
] as const)
  test(`--unique '${unique}' is refused before anything is written: exit code 2`, async (t) => {
    const { connect } = await testZooKeeper(t);
    const { code, stdout, stderr } = await runHere(['submit', 'echo', '--unique', unique, '--zk', connect]);
    t.is(code, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, message);
  });

test('a driver that can only read is refused where something is to be written: exit code 2', async (t) => {
  const zk = await testZooKeeper(t);
  const { code, stderr } = await runHere([
    'submit',
    'echo',
    '--zk',
    zk.connect,
    '--zk-driver',
    'node-zookeeper-client',
  ]);
  t.is(code, 2, stderr);
  t.regex(stderr, /the driver 'node-zookeeper-client' lacks/);
});

test('a file with bad lines names each, and nothing of it is submitted', async (t) => {
  const zk = await testZooKeeper(t);
  const path = join(await testFolder(t), 'tasks.ndjson');
  await writeFile(path, '{"type":"echo"}\n{"type":\n\n{"type":"echo","paylod":1}\n');
  const { code, stdout, stderr } = await runHere(['submit', '--from', path, '--zk', zk.connect]);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /tasks\.ndjson: 2 invalid lines; nothing submitted \(--keep-going skips invalid lines\)/);
  t.regex(stderr, /line 2: not JSON/);
  t.regex(stderr, /line 4: unknown field 'paylod'; did you mean 'payload'\?/);
  t.is((await runHere(['ls', '--zk', zk.connect, '--json'])).stdout, '');
});

test('stdin is checked as a whole too; --keep-going submits the good lines and still tells', async (t) => {
  const zk = await testZooKeeper(t);
  const input = '{"type":"echo","payload":1}\nnonsense\n{"type":"echo","payload":2}';
  const strict = await runHere(['submit', '--from', '-', '--zk', zk.connect, '--json'], {}, input);
  t.is(strict.code, 2);
  t.regex(strict.stderr, /stdin: 1 invalid line; nothing submitted.*\n {2}line 2: not JSON/);
  t.is(strict.stdout, '');
  const lenient = await runHere(['submit', '--from', '-', '--keep-going', '--zk', zk.connect, '--json'], {}, input);
  t.is(lenient.code, 2);
  t.regex(lenient.stderr, /skipped line 2: not JSON/);
  t.is(lenient.stdout.split('\n').filter(Boolean).length, 2);
});

test('a reader that goes away ends a list without a word', async (t) => {
  const zk = await testZooKeeper(t);
  const input = '{"type":"noop"}\n'.repeat(3_000);
  t.is((await runHere(['submit', '--from', '-', '--zk', zk.connect], {}, input)).code, 0);
  const child = start(['ls', '--limit', '3000', '--json', '--zk', zk.connect]);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await ended(child);
  t.is(code, 0);
  t.is(stderr, '');
});

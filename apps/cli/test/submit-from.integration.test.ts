import { execFile } from 'node:child_process';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { BIN, documents, drover, ended, start, testFolder } from './drover.js';
import { runHere } from './run-here.js';

const run = promisify(execFile);
const line = (payload: string): string => `{"type":"noop","payload":${payload}}\n`;
const lines = (count: number): string => Array.from({ length: count }, (_, n) => line(String(n))).join('');

/** Ids of all stored tasks. */
async function stored(zk: string): Promise<string[]> {
  const { stdout } = await runHere(['ls', '--limit', '100000', '--json', '--zk', zk]);
  return documents(stdout).map(({ id }) => String(id));
}

const BAD: Readonly<Record<string, [line: string | Buffer, problem: RegExp]>> = {
  'a jitter that is text': [
    '{"type":"noop","retry":{"kind":"constant","delayMs":1000,"jitter":"0.1"}}',
    /retry\.jitter/,
  ],
  'an unknown kind of retry': ['{"type":"noop","retry":{"kind":"sometimes"}}', /retry\.kind/],
  'an unknown name in retry': ['{"type":"noop","retry":{"delay":"5s"}}', /delay/],
  'a number above what is exact': [line('12345678901234567890').trim(), /12345678901234567890/],
  'a number above all': [line('[1e400]').trim(), /1e400/],
  'a field that is given twice': ['{"type":"noop","type":"echo"}', /'type' is given more than once/],
  'bytes that are no UTF-8': [Buffer.from([0x22, 0xff, 0x22]), /not UTF-8/],
};
for (const [name, [bad, problem]] of Object.entries(BAD)) {
  test(`${name} on line 2,001: it is named, and nothing is submitted`, async (t) => {
    const { connect: zk } = await testZooKeeper(t);
    const path = join(await testFolder(t), 'tasks.ndjson');
    await writeFile(path, Buffer.concat([Buffer.from(lines(2_000)), Buffer.from(bad), Buffer.from(`\n${line('1')}`)]));
    const { code, stdout, stderr } = await runHere(['submit', '--from', path, '--json', '--zk', zk]);
    t.is(code, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, /1 invalid line; nothing submitted/);
    t.regex(stderr, /^ {2}line 2001: /m);
    t.regex(stderr, problem);
    t.deepEqual(await stored(zk), []);
  });
}

test('what can be read only once is submitted as a whole, or not at all', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const sources = ['<(printf %s "$LINES_")', '/dev/stdin < <(printf %s "$LINES_")', '- < <(printf %s "$LINES_")'];
  for (const source of sources) {
    const command = `exec "${process.execPath}" "${BIN}" submit --from ${source} --json --zk ${zk}`;
    const env = { ...process.env, LINES_: lines(3) };
    const { stdout } = await run('bash', ['-c', command], { env });
    t.is(documents(stdout).length, 3, source);
    const bad = { ...process.env, LINES_: `${lines(3)}nonsense\n` };
    const refused = await t.throwsAsync(run('bash', ['-c', command], { env: bad }));
    t.regex((refused as unknown as { stderr: string }).stderr, /line 4: not JSON/);
  }
  t.is((await stored(zk)).length, 3 * sources.length);
});

test('a FIFO is waited for, and the wait hears SIGTERM and SIGINT', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const folder = await testFolder(t);
  const path = join(folder, 'fifo');
  await run('mkfifo', [path]);
  const reading = start(['submit', '--from', path, '--json', '--zk', zk]);
  const result = ended(reading);
  // `writeFile` opens the pipe, and that waits for a reader.
  await writeFile(path, lines(2));
  t.is(documents((await result).stdout).length, 2);
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const) {
    const waiting = start(['submit', '--from', path, '--zk', zk], { env: { TMPDIR: folder } });
    const over = ended(waiting);
    const writer = run('bash', ['-c', `exec 9> ${path}; echo open; read -r _`]);
    t.teardown(() => writer.child.kill());
    // When the writer has opened the pipe, the reader has opened it too.
    await new Promise((resolve) => writer.child.stdout?.once('data', resolve));
    waiting.kill(signal);
    t.deepEqual(await over, { code, stdout: '', stderr: `drover: stopped by ${signal}\n` });
    writer.child.kill();
    await writer.catch(() => undefined);
  }
  t.deepEqual(await readdir(folder), ['fifo']);
});

test('stdin that stays open is left at a signal', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const child = start(['submit', '--from', '-', '--zk', zk, '--keep-going', '--json']);
    const over = ended(child);
    // Its first output shows that it reads.
    const printed = new Promise((resolve) => child.stdout?.once('data', resolve));
    child.stdin?.write(lines(1));
    await printed;
    child.kill(signal);
    t.is((await over).code, code);
  }
});

test('a file that somebody writes to while it is submitted is an error that says so', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const path = join(await testFolder(t), 'tasks.ndjson');
  await writeFile(path, lines(60_000));
  const child = start(['submit', '--from', path, '--json', '--zk', zk]);
  const over = ended(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  await appendFile(path, lines(1));
  const { code, stderr } = await over;
  t.is(code, 1, stderr);
  t.regex(stderr, /submitted before this failure:\ndrover: .*tasks\.ndjson was changed while its tasks were submitted/);
});

test('a compressed file is refused with what to do, and an empty one is no error', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const path = join(await testFolder(t), 'tasks.ndjson.gz');
  await writeFile(path, gzipSync(lines(3)));
  for (const more of [[], ['--keep-going']]) {
    const { code, stderr } = await runHere(['submit', '--from', path, '--zk', zk, ...more]);
    t.is(code, 2);
    t.regex(
      stderr,
      /tasks\.ndjson\.gz is a gzip file, expected JSON lines in UTF-8: unpack it first, as in 'gunzip -c/,
    );
  }
  const empty = await runHere(['submit', '--from', '/dev/null', '--json', '--zk', zk]);
  t.like(empty, { code: 0, stdout: '' });
  t.regex(empty.stderr, /^drover: \/dev\/null holds no tasks$/m);
});

test('a stdout that nobody reads on: everything is submitted, and the count is on stderr', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const path = join(await testFolder(t), 'tasks.ndjson');
  await writeFile(path, lines(20_000));
  const child = start(['submit', '--from', path, '--json', '--zk', zk, '--log-level', 'error']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await ended(child);
  t.is(code, 0, stderr);
  t.true(stderr.endsWith('drover: 20,000 tasks submitted; stdout was closed before all ids were printed\n'), stderr);
  t.is((await stored(zk)).length, 20_000);
});

test('intake that closes midway: the ids that are printed are those of the tasks that are stored', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  const scheduler = start(['scheduler', '--max-pending-tasks', '1000', '--zk', zk]);
  const over = ended(scheduler);
  t.teardown(async () => {
    scheduler.kill('SIGTERM');
    await over;
  });
  const leads = new Promise<void>((resolve) => {
    scheduler.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('"term.began"')) resolve();
    });
  });
  await leads;
  const path = join(await testFolder(t), 'tasks.ndjson');
  await writeFile(path, lines(60_000));
  const { code, stdout, stderr } = await drover(['submit', '--from', path, '--json', '--zk', zk]);
  t.is(code, 1, stderr);
  t.regex(stderr, /tasks? submitted before this failure:\ndrover: the system accepts no new tasks/);
  const printed = documents(stdout).map(({ id }) => String(id));
  t.true(printed.length >= 1_000 && printed.length < 60_000, String(printed.length));
  t.deepEqual((await stored(zk)).sort(), printed.sort());
});

test('a stdout that cannot be written to is an error with its reason', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  for (const args of ['--help', 'submit noop --json', 'submit noop', 'ls --help']) {
    const command = `exec "${process.execPath}" "${BIN}" ${args} ${args.includes('--help') ? '' : `--zk ${zk}`} > /dev/full`;
    const { code, stderr } = await ended(startShell(command));
    t.is(code, 1, args);
    t.regex(stderr, /cannot write to stdout: ENOSPC/, args);
  }
});

function startShell(command: string) {
  return execFile('bash', ['-c', command]);
}

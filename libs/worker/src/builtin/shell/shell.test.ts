import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { Shell } from './shell.js';

const UNHEARD = { print: () => undefined, printSkipped: () => undefined };

function contextOf(signal: AbortSignal = new AbortController().signal) {
  return {
    task: 'T.0',
    attempt: 2,
    fencingToken: 17n,
    signal,
    runtime: systemRuntime,
    alive: () => undefined,
    ...UNHEARD,
  };
}

/** A zombie is dead: it only waits for whoever adopted it. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** The pid that a command has written to `path`, once it is there. */
async function pidIn(path: string): Promise<number> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const pidFile = (): string => join(tmpdir(), `drover-shell-${randomUUID()}`);
const sh = (script: string) => ({ argv: ['sh', '-c', script] });

test('exit code and output, input, folder and environment', async (t) => {
  const shell = new Shell();
  const script = 'cat; pwd; echo "$GREETING $DROVER_TASK $DROVER_ATTEMPT $DROVER_FENCING_TOKEN"; echo no >&2';
  const result = await shell.run({ ...sh(script), cwd: '/', env: { GREETING: 'hi' }, input: 'in\n' }, contextOf());
  t.like(result, { exitCode: 0 });
  const { output } = result as { output: string };
  for (const line of ['in\n/\nhi T.0 2 17\n', 'no\n']) t.true(output.includes(line), output);
});

test('only the end of the output is kept', async (t) => {
  const result = await new Shell().run(
    sh('i=0; while [ $i -lt 3000 ]; do echo "line $i 0123456789"; i=$((i+1)); done'),
    contextOf(),
  );
  const { output, outputBytes } = result as { output: string; outputBytes: number };
  t.is(output.length, 16 * 1024);
  t.true(output.endsWith('line 2999 0123456789\n'));
  t.true(outputBytes > 50_000);
});

test('any other end fails the task with the end of the output', async (t) => {
  await t.throwsAsync(new Shell().run(sh('echo why; exit 3'), contextOf()), { message: 'exit code 3: why' });
  await t.throwsAsync(new Shell().run(sh('kill -9 $$'), contextOf()), { message: 'killed by SIGKILL' });
  await t.throwsAsync(new Shell().run({ argv: ['/nowhere/at-all'] }, contextOf()), { code: 'ENOENT' });
});

test('a program may open its standard streams by name, also long after it began', async (t) => {
  const script = 'echo out > /dev/stdout; echo err > /dev/stderr; sleep 0.2; cat /dev/stdin; echo end';
  const result = await new Shell().run({ ...sh(script), input: 'in\n' }, contextOf());
  t.deepEqual(result, { exitCode: 0, output: 'out\nerr\nin\nend\n' });
});

test('stdin is empty without input or with an empty one, and may be longer than a pipe holds', async (t) => {
  t.like(await new Shell().run(sh('cat; cat /dev/stdin'), contextOf()), { output: '' });
  t.like(await new Shell().run({ ...sh('cat; cat /dev/stdin'), input: '' }, contextOf()), { output: '' });
  const input = 'x'.repeat(200_000);
  t.like(await new Shell().run({ ...sh('wc -c'), input }, contextOf()), { output: '200000\n' });
  t.like(await new Shell().run({ ...sh('echo not read'), input }, contextOf()), { output: 'not read\n' });
});

test('many at a time, each with its own output', async (t) => {
  const shell = new Shell();
  const all = Array.from({ length: 40 }, (_, i) => shell.run({ argv: ['echo', String(i)] }, contextOf()));
  t.deepEqual((await Promise.all(all)).map((result) => (result as { output: string }).output), all.map((_, i) => `${i}\n`)); // prettier-ignore
  shell.close();
});

test('the task ends with its program, whoever has left the group and holds its output', async (t) => {
  const path = pidFile();
  // The shell is to have told its pid before the program ends, and with it the group.
  const script = `setsid sh -c 'echo $$ > ${path}; exec sleep 600' & while ! [ -s ${path} ]; do :; done; echo hi`;
  const result = await new Shell().run(sh(script), contextOf());
  const pid = await pidIn(path);
  t.teardown(() => process.kill(pid, 'SIGKILL'));
  t.deepEqual(result, { exitCode: 0, output: 'hi\n' });
});

test('no worker can start a program with a NUL: that is not tried again, and said in words', async (t) => {
  for (const payload of [
    { argv: ['echo', 'a\0b'] },
    { argv: ['pwd'], cwd: '/\0' },
    { argv: ['env'], env: { A: '\0' } },
  ])
    await t.throwsAsync(new Shell().run(payload, contextOf()), { name: 'RejectTaskError', message: /NUL/ });
  for (const env of [{ 'A=B': 'c' }, { '': 'c' }])
    await t.throwsAsync(new Shell().run({ argv: ['env'], env }, contextOf()), { name: 'RejectTaskError' });
  const tooLong = { argv: Array.from({ length: 100 }, () => 'x'.repeat(200_000)) };
  await t.throwsAsync(new Shell().run(tooLong, contextOf()), { name: 'RejectTaskError', message: /too long/ });
});

test('a program or a folder that this worker lacks is named', async (t) => {
  const refused = (payload: object) => t.throwsAsync(new Shell().run(payload, contextOf()));
  t.like(await refused({ argv: ['pwd'], cwd: '/nowhere/at-all' }), {
    code: 'ENOENT',
    message: "shell: the working directory '/nowhere/at-all' is not a directory on this worker",
  });
  t.like(await refused({ argv: ['no-such-program'] }), {
    message: "shell: no program 'no-such-program' on this worker",
  });
  const message = "shell: '/etc/passwd' cannot be run on this worker: EACCES";
  t.like(await refused({ argv: ['/etc/passwd'] }), { code: 'EACCES', message });
});

test('payloads are checked', async (t) => {
  for (const payload of [null, {}, { argv: [] }, { argv: 'ls' }, { argv: ['ls'], shell: true }])
    await t.throwsAsync(new Shell().run(payload, contextOf()), { name: 'RejectTaskError', message: /^shell: payload/ });
});

test('an abort ends the whole process group, also one that ignores SIGTERM', async (t) => {
  for (const trap of ['', "trap '' TERM; "]) {
    const path = pidFile();
    const controller = new AbortController();
    const script = `${trap}sh -c 'echo $$ > ${path}; while :; do sleep 1; done' & wait; while :; do sleep 1; done`;
    const running = new Shell().run(sh(script), contextOf(controller.signal));
    const child = await pidIn(path);
    const reason = new Error('told to end');
    controller.abort(reason);
    t.is(await t.throwsAsync(running), reason);
    t.false(isAlive(child));
  }
});

test('children that a command leaves behind end with it', async (t) => {
  const path = pidFile();
  await new Shell().run(
    sh(`(echo $$ > /dev/null; sh -c 'echo $$ > ${path}; exec sleep 600') & while ! [ -s ${path} ]; do :; done`),
    contextOf(),
  );
  t.false(isAlive(await pidIn(path)));
});

test('close ends what runs', async (t) => {
  const shell = new Shell();
  const path = pidFile();
  const running = shell.run(sh(`echo $$ > ${path}; exec sleep 600`), contextOf());
  const pid = await pidIn(path);
  shell.close();
  await t.throwsAsync(running, { message: 'killed by SIGKILL' });
  t.false(isAlive(pid));
});

test('a worker that dies of SIGKILL takes its commands with it, and nothing of those that had ended', async (t) => {
  const path = pidFile();
  const script = `
    import { systemRuntime } from '@drover/runtime';
    import { Shell } from ${JSON.stringify(new URL('./shell.js', import.meta.url).href)};
    const shell = new Shell();
    const context = { task: 'T.0', attempt: 1, fencingToken: 1n, signal: new AbortController().signal, runtime: systemRuntime, alive: () => undefined, print: () => undefined, printSkipped: () => undefined };
    await Promise.all([1, 2, 3].map(() => shell.run({ argv: ['true'] }, context)));
    const sleeper = "trap '' TERM; sh -c 'echo $$ > ${path}; exec sleep 600' & wait";
    await shell.run({ argv: ['sh', '-c', sleeper] }, context);
  `;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  t.teardown(() => worker.kill('SIGKILL'));
  const pid = await pidIn(path);
  t.true(isAlive(pid));
  worker.kill('SIGKILL');
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

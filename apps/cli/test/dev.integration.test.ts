import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PlainSession, testZooKeeper, type Teardown } from '@drover/testing';
import test from 'ava';
import { documents, drover, ended, eventsOf, start, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

interface Dev {
  cwd: string;
  child: ChildProcess;
  over: Promise<Ended>;
  event: (name: string) => Promise<Record<string, unknown>>;
}

/** `drover dev --json` with one scheduler and one worker; ended with the test. */
function dev(t: Teardown, cwd: string, args: readonly string[], env: Record<string, string> = {}): Dev {
  const child = start(['dev', '--json', '--schedulers', '1', '--workers', '1', ...args], { cwd, env });
  const event = eventsOf(child);
  const over = ended(child);
  t.teardown(async () => {
    child.kill('SIGTERM');
    await over;
  });
  return { cwd, child, over, event };
}

const left = (cwd: string): Promise<string[]> => readdir(join(cwd, '.drover'));

test('a cluster that DROVER_ZK names is left alone, its credentials too; SIGHUP stops all and leaves nothing', async (t) => {
  const zk = await testZooKeeper(t);
  const env = { DROVER_ZK: zk.connect, DROVER_ZK_TLS: 'true', DROVER_ZK_AUTH_FILE: '/does/not/exist' };
  const { cwd, child, over, event } = dev(t, await testFolder(t), [], env);
  const ready = await event('ready');
  t.not(ready.zk, zk.connect);
  t.is((ready.zookeepers as unknown[]).length, 1);
  const done = await runHere(['submit', 'echo', '--payload', '1', '--wait', '--json', '--zk', String(ready.zk)]);
  t.like(documents(done.stdout)[0], { state: 'succeeded', result: 1 });
  const session = await PlainSession.open(zk.address);
  t.deepEqual(await session.children(zk.chroot), []);
  await session.close();
  child.kill('SIGHUP');
  t.like(await over, { code: 0, stderr: '' });
  t.deepEqual(await left(cwd), []);
});

test('a port that is in use is an error that leaves nothing behind', async (t) => {
  const cwd = await testFolder(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const { code, stderr } = await drover(['dev', '--port', String(port)], { cwd });
  t.is(code, 1);
  t.regex(stderr, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use; choose another, or omit --port`));
  t.deepEqual(await left(cwd), []);
});

test('a member that dies is started again, and that is said', async (t) => {
  const zk = await testZooKeeper(t);
  const { event } = dev(t, await testFolder(t), ['--zk', zk.connect]);
  const ready = await event('ready');
  const [worker] = ready.workers as { name: string; pid: number }[];
  process.kill(worker!.pid, 'SIGKILL');
  t.like(await event('member.ended'), { name: 'w1', role: 'worker', code: 137 });
  const started = await event('member.started');
  t.like(started, { name: 'w1', role: 'worker' });
  t.not(started.pid, worker!.pid);
  const done = await runHere(['submit', 'noop', '--wait', '--zk', zk.connect]);
  t.is(done.code, 0, done.stderr);
});

test('--watch: changed handlers are loaded, a broken module is refused and the workers go on', async (t) => {
  const zk = await testZooKeeper(t);
  const cwd = await testFolder(t);
  const handlers = join(cwd, 'handlers.mjs');
  const answer = (text: string): Promise<void> =>
    writeFile(handlers, `export { greet as default } from './greet.mjs';\nexport const version = '${text}';`);
  const greet = (text: string): Promise<void> =>
    writeFile(join(cwd, 'greet.mjs'), `export const greet = { hello: () => '${text}' };`);
  const result = async (): Promise<unknown> => {
    const { stdout } = await runHere(['submit', 'hello', '--wait', '--json', '--zk', zk.connect]);
    return documents(stdout)[0]!.result;
  };
  await answer('1');
  await greet('one');
  const { event } = dev(t, cwd, ['--zk', zk.connect, '--handlers', './handlers.mjs', '--watch']);
  await event('watching');
  t.is(await result(), 'one');
  // A module that the handlers import counts too.
  await greet('two');
  await event('handlers.loaded');
  t.is(await result(), 'two');
  await writeFile(handlers, 'export default {');
  t.regex(String((await event('handlers.refused')).message), /handlers\.mjs: SyntaxError/);
  t.is(await result(), 'two');
});

test('a second signal ends everything at once, and leaves nothing behind', async (t) => {
  const zk = await testZooKeeper(t);
  const { cwd, child, over, event } = dev(t, await testFolder(t), ['--zk', zk.connect]);
  await event('ready');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  t.is((await over).code, 143);
  t.deepEqual(await left(cwd), []);
});

test('what a killed one left behind is removed by the next', async (t) => {
  const zk = await testZooKeeper(t);
  const first = dev(t, await testFolder(t), ['--zk', zk.connect]);
  await first.event('ready');
  first.child.kill('SIGKILL');
  await first.over;
  t.is((await left(first.cwd)).length, 1);
  const second = dev(t, first.cwd, ['--zk', zk.connect]);
  await second.event('ready');
  second.child.kill('SIGTERM');
  await second.over;
  t.deepEqual(await left(first.cwd), []);
});

test('--watch without handlers is refused', async (t) => {
  const { code, stderr } = await drover(['dev', '--watch'], { cwd: await testFolder(t) });
  t.is(code, 2);
  t.is(stderr, 'drover: --watch needs --handlers\n');
});

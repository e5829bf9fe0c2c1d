import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLog } from '@drover/observability';
import { testFolder, testZooKeeper, type Teardown } from '@drover/testing';
import test from 'ava';
import { HandlersModuleError } from '../src/index.js';
import { makeWorker, startWorld } from './start-worker.js';

async function moduleOf(t: Teardown, text: string): Promise<string> {
  const path = join(await testFolder(t), 'handlers.mjs');
  await writeFile(path, text);
  return pathToFileURL(path).href;
}

for (const [what, text, message] of [
  ['no default export', 'export const a = 1;', /default export is not an object/],
  ['a syntax error', 'export default {', /SyntaxError/],
  ['an exception', 'throw new RangeError("at the start")', /RangeError: at the start/],
  ['an import that is not there', 'import "./nowhere.mjs"; export default {};', /nowhere\.mjs/],
  ['a process.exit', 'process.exit(7)', /process\.exit\(7\)/],
  ['something that is no handler', 'export default { resize: 7 };', /'resize'.*function/],
  ['no such kind', 'export default { a: { run() {}, kind: "gpu" } };', /'a': kind: expected .*gpu/],
  ['no such timeout', 'export default { a: { run() {}, timeout: "soon" } };', /'a': timeout: expected .*soon/],
  ['no such retry', 'export default { a: { run() {}, retry: { kind: "often" } } };', /'a': retry.kind: expected/],
  ['a name that is none', 'export default { "a b": () => 1 };', /type: expected a task type .*a b/],
  ['no handlers', 'export default {};', /is an empty object/],
  ['named exports alone', 'export const resize = () => 1;', /default export is not .*: the module exports resize/],
  [
    'a misspelt option',
    'export default { a: { run() {}, timout: "5s" } };',
    /'a': unknown option "timout"; did you mean "timeout"/,
  ],
  [
    'a misspelt option of retry',
    'export default { a: { run() {}, retry: { delay: 5 } } };',
    /'a': retry: unknown option "delay"/,
  ],
  [
    'a delay without end',
    'export default { a: { run() {}, retry: { delayMs: Infinity } } };',
    /'a': retry.delayMs: expected/,
  ],
  [
    'a delay that is no number',
    'export default { a: { run() {}, retry: { maxDelayMs: "soon" } } };',
    /'a': retry.maxDelayMs: expected/,
  ],
  [
    'a jitter that is no number',
    'export default { a: { run() {}, retry: { jitter: "0.1" } } };',
    /'a': retry.jitter: expected/,
  ],
  ['a timeout without end', 'export default { a: { run() {}, timeout: Infinity } };', /'a': timeout: expected/],
  ['no such schema', 'export default { a: { run() {}, schema: {} } };', /'a': schema: .* Standard Schema/],
] as const) {
  test(`a module with ${what} does not start the worker, and the error names file and cause`, async (t) => {
    const handlers = await moduleOf(t, text);
    const { connect } = await testZooKeeper(t);
    const worker = makeWorker(connect, silentLog, { handlers });
    const error = await t.throwsAsync(worker.start(), { instanceOf: HandlersModuleError });
    t.true(error.message.includes('handlers.mjs'));
    t.regex(error.message, message);
    await worker.stopped;
  });
}

test('a module that is not there', async (t) => {
  const { connect } = await testZooKeeper(t);
  const worker = makeWorker(connect, silentLog, { handlers: 'file:///nowhere/handlers.mjs' });
  const error = await t.throwsAsync(worker.start(), { instanceOf: HandlersModuleError });
  t.regex(error.message, /nowhere\/handlers\.mjs/);
});

test('a module that a compiler made CommonJS of is taken', async (t) => {
  const folder = await testFolder(t);
  const path = join(folder, 'handlers.cjs');
  const text =
    '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.default = { double: (n) => n * 2 };';
  await writeFile(path, text);
  const { leader, id } = await startWorld(t, { handlers: pathToFileURL(path).href });
  t.like((await leader.end(await leader.give(id, [{ type: 'double', payload: 4 }]))).line, { result: 8 });
});

test('a handler may take the name of a built-in type', async (t) => {
  const text =
    'export default { noop: () => "mine", sleep: () => "mine", "math.count-primes": { kind: "compute", run: () => "mine" } };';
  const { leader, id } = await startWorld(t, { handlers: await moduleOf(t, text) });
  for (const type of ['noop', 'sleep', 'math.count-primes'])
    t.like((await leader.end(await leader.give(id, [{ type }]))).line, { result: 'mine' }, type);
});

test('a stop is heard while the module loads', async (t) => {
  const controller = new AbortController();
  const { connect } = await testZooKeeper(t);
  for (const text of ['await new Promise(() => setInterval(() => {}, 1000));', 'for (;;);']) {
    const handlers = await moduleOf(t, text);
    const worker = makeWorker(connect, silentLog, { handlers });
    const started = worker.start(controller.signal);
    const reason = new Error('told to stop');
    controller.abort(reason);
    t.is(await t.throwsAsync(started), controller.signal.reason);
    await worker.stopped;
  }
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLog } from '@drover/observability';
import { testFolder, testZooKeeper, type Teardown } from '@drover/testing';
import test from 'ava';
import { HandlersModuleError } from '../src/index.js';
import { makeWorker } from './start-worker.js';

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
  ['no such kind', 'export default { a: { run() {}, kind: "gpu" } };', /'a': kind is "gpu"/],
  ['no such timeout', 'export default { a: { run() {}, timeout: "soon" } };', /'a': timeout is "soon"/],
  ['no such retry', 'export default { a: { run() {}, retry: { kind: "often" } } };', /'a': retry is/],
  ['a name that is none', 'export default { "a b": () => 1 };', /"a b" is not a task type/],
  ['a name that is taken', 'export default { noop: () => 1 };', /'noop' is a built-in type/],
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

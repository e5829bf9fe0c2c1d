import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { testFolder } from '@drover/testing';
import test from 'ava';

const run = promisify(execFile);
const runModule = fileURLToPath(new URL('./fixtures/run-module.js', import.meta.url));

const HANDLERS = `
import { add } from './helper.js';
interface Payload { n: number }
enum Unit { One = 1 }
export default {
  double: (payload: Payload): number => add(payload.n, payload.n as number) * Unit.One,
  heavy: { kind: 'compute' as const, run: ({ n }: Payload): number => n * 3 },
};
`;
const HELPER = 'export const add = (a: number, b: number): number => a + b;';

async function load(t: { teardown: (act: () => unknown) => void }, nodeOptions: readonly string[]): Promise<string> {
  const folder = await testFolder(t);
  const path = join(folder, 'handlers.ts');
  await writeFile(path, HANDLERS);
  await writeFile(join(folder, 'helper.ts'), HELPER);
  const args = [...nodeOptions, runModule, pathToFileURL(path).href];
  const { stdout } = await run(process.execPath, args, { cwd: dirname(runModule) });
  return stdout.trim();
}

test('a handlers module in TypeScript runs in the threads of a process with --import tsx', async (t) => {
  t.is(
    await load(t, ['--import', 'tsx']),
    '[{"outcome":"succeeded","result":"14"},{"outcome":"succeeded","result":"21"}]',
  );
});

test('where Node cannot run it, the error says what to do', async (t) => {
  // No version of Node can run a file with an enum by itself.
  const message = await load(t, []);
  t.regex(message, /handlers\.ts: TypeError: Node [\d.]+ cannot run this TypeScript by itself\./);
  t.regex(message, /Node 22\.18 or newer .* NODE_OPTIONS='--import tsx', or compile/);
});

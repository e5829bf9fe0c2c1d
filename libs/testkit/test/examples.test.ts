import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';

/** The examples of docs/testing.md, as written. */
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = join(PROJECT, '../../docs/testing.md');
const require = createRequire(import.meta.url);

/** A folder with the handlers and one test file, from where the packages of the workspace are found. */
async function example(t: ExecutionContext, name: string): Promise<string> {
  const parent = join(PROJECT, '.drover');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'example-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const file of ['handlers.mjs', name]) await writeFile(join(folder, file), await codeBlock(file));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', ava: { files: ['*.test.mjs'], timeout: '2m' } }),
  );
  return folder;
}

async function codeBlock(name: string): Promise<string> {
  const blocks = (await readFile(DOCUMENT, 'utf8')).matchAll(/^```js\n(.*?)^```$/gms);
  const found = [...blocks].map(([, code]) => code ?? '').find((code) => code.startsWith(`// ${name}\n`));
  if (found === undefined) throw new Error(`${DOCUMENT} has no ${name}`);
  return found;
}

/** Rejects unless it ends with 0, and says what it wrote. */
async function run(cwd: string, parameters: readonly string[]): Promise<string> {
  const ours = ['NODE_TEST_CONTEXT', 'NODE_OPTIONS', 'NODE_ENV', 'AVA_PATH', 'VITEST'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.includes(name)));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd, env: { ...env, CI: 'true' } });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${parameters.join(' ')}: ${stdout}${stderr}`, { cause: error });
  }
}

/** A program that lies beside what `require` finds of its package. */
const program = (name: string, file: string): string => join(dirname(require.resolve(name)), file);

for (const name of ['one-handler.test.mjs', 'node.test.mjs'])
  test(`${name} passes with node:test`, async (t) => {
    t.regex(await run(await example(t, name), ['--test', name]), /# fail 0\n/);
  });

test('vitest.test.mjs passes with vitest', async (t) => {
  const folder = await example(t, 'vitest.test.mjs');
  t.regex(await run(folder, [program('vitest/package.json', 'vitest.mjs'), 'run', '--root', folder]), /1 passed/);
});

test('ava.test.mjs passes with ava', async (t) => {
  const folder = await example(t, 'ava.test.mjs');
  t.regex(await run(folder, [program('ava', 'cli.mjs')]), /1 test passed/);
});

test('a process that has closed its Drover ends by itself', async (t) => {
  const folder = await example(t, 'node.test.mjs');
  const script = `
    import { testDrover } from '@drover/testkit';
    const { drover, close } = await testDrover({ handlers: { hangs: () => new Promise(() => {}), fine: () => 1 } });
    await drover.submit('hangs', null);
    await (await drover.submit('fine', null)).result();
    await close();
    process.stdout.write(process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCP/.test(name)).join());`;
  await writeFile(join(folder, 'script.mjs'), script);
  t.is(await run(folder, ['script.mjs']), '');
});

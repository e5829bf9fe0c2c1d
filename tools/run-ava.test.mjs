import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const runAva = fileURLToPath(new URL('run-ava.mjs', import.meta.url));

test('a test that hangs is named, and is a failure', async (t) => {
  const tests = `
    import test from 'ava';
    test('ends', (t) => t.pass());
    test('hangs', (t) => new Promise((resolve) => setTimeout(resolve, 1e9)).then(() => t.pass()));
  `;
  const { output, code } = await runOn(t, tests, ['--timeout=2s']);
  t.regex(output, /not ok 2 - hangs[^]*no new tests completed within the last 2000ms/);
  t.regex(output, /✘ example: 1 passed, 1 failed/);
  t.is(code, 1);
});

/** A project with these tests, in the workspace, for that is where ava is found. */
async function runOn(t, tests, parameters) {
  const folder = await mkdtemp(fileURLToPath(new URL('example-', import.meta.url)));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'src'));
  await writeFile(
    join(folder, 'package.json'),
    '{ "name": "example", "type": "module", "ava": { "files": ["src/*"] } }',
  );
  await writeFile(join(folder, 'src/example.test.js'), tests);
  const env = { ...process.env, DROVER_TEST_COUNTS: '' };
  const running = spawn(process.execPath, [runAva, ...parameters], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(running.stdout), once(running, 'close')]);
  return { output, code };
}

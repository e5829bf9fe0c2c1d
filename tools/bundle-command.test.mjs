import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { BUNDLE, isBundleCurrent, SOURCES } from '../apps/cli/bin/bundle.js';

test('the build leaves a bundle of the modules that it has built', (t) => {
  t.true(isBundleCurrent(), 'run npm run build');
});

test('modules that were compiled since are run in its place; a bundle without them is run as it is', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bundle-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const bundle = pathToFileURL(`${folder}/`);
  t.false(isBundleCurrent(bundle));
  for (const name of ['main.js', 'compiled']) await writeFile(join(folder, name), '');
  t.true(isBundleCurrent(bundle));
  await writeFile(join(folder, SOURCES), '["compiled"]');
  const { mtimeMs } = await stat(join(folder, 'main.js'));
  await utimes(join(folder, 'compiled'), mtimeMs / 1_000 - 1, mtimeMs / 1_000 - 1);
  t.true(isBundleCurrent(bundle));
  await utimes(join(folder, 'compiled'), mtimeMs / 1_000 + 1, mtimeMs / 1_000 + 1);
  t.false(isBundleCurrent(bundle));
});

test('what only needs the version loads neither the parser nor the schemas', async (t) => {
  const program = await readFile(new URL('main.js', BUNDLE), 'utf8');
  const loaded = [...program.matchAll(/from\s*"(\.\/[^"]+)"/g)].map(([, path]) => path);
  t.true(loaded.length > 0);
  for (const path of ['main.js', ...loaded])
    t.false(/ZodError|YError/.test(await readFile(new URL(path, BUNDLE), 'utf8')), path);
});

test('the licences of the packages that are in it come with it', async (t) => {
  const text = await readFile(new URL('LICENSES.txt', BUNDLE), 'utf8');
  for (const name of ['zod', 'yargs', 'undici'])
    t.regex(text, new RegExp(`^${name} [0-9.]+: MIT\n\n.*Permission is hereby granted`, 'ms'));
});

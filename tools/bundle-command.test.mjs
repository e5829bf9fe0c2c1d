import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
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

/** A file of the bundle, and all that it imports at once. */
async function loadedBy(name) {
  const loaded = new Map();
  const load = async (path) => {
    if (loaded.has(path)) return;
    const text = await readFile(new URL(path, BUNDLE), 'utf8');
    loaded.set(path, text);
    for (const [, next] of text.matchAll(/(?:from|import)\s*"(\.\/[^"]+)"/g)) await load(next);
  };
  await load(name);
  return [...loaded];
}

/** The file of a module that another one imports when it needs it. */
const fileOf = (texts, module) =>
  texts.map(([, text]) => new RegExp(`import\\("\\./(${module}-[^"]+)"\\)`).exec(text)?.[1]).find(Boolean);

test('what only needs the version, a probe and completion load neither the parser nor the schemas', async (t) => {
  const main = await loadedBy('main.js');
  for (const module of ['run', 'health', 'completion']) {
    const file = fileOf(main, module);
    t.truthy(file, module);
    for (const [path, text] of [...main, ...(await loadedBy(file))])
      t.false(/ZodError|YError/.test(text), `${module}: ${path}`);
  }
});

test('the thread of the API is in the bundle, and is the one that a scheduler starts', async (t) => {
  const names = (await readdir(BUNDLE)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, BUNDLE), 'utf8')));
  t.true(names.includes('api-thread.js'));
  const addresses = texts.flatMap((text) => text.match(/API_THREAD\s*=\s*new URL\([^)]*\)/) ?? []);
  t.deepEqual(addresses, ['API_THREAD=new URL("./api-thread.js",import.meta.url)']);
});

test('the words of completion are written down', async (t) => {
  const { commands } = JSON.parse(await readFile(new URL('words.json', BUNDLE), 'utf8'));
  t.true(commands.length > 40);
});

test('the licences of the packages that are in it come with it', async (t) => {
  const text = await readFile(new URL('LICENSES.txt', BUNDLE), 'utf8');
  for (const name of ['zod', 'yargs', 'undici'])
    t.regex(text, new RegExp(`^${name} [0-9.]+: MIT\n\n.*Permission is hereby granted`, 'ms'));
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import test from 'ava';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { testZooKeeper } from '../libs/testing/dist/src/index.js';
import { faultsOf, pack, USER_PACKAGES, withNeeds } from './lib/packages.mjs';
import { workspaceRoot } from './lib/run.mjs';

const execute = promisify(execFile);
const TSC = fileURLToPath(import.meta.resolve('typescript/lib/tsc.js'));
/** A TypeScript module that is compiled to CommonJS. */
const COMMON_JS = `import { connect } from '@drover/client';
import { defineHandlers } from 'drover';
console.log(typeof connect, typeof defineHandlers);
`;

const folder = await mkdtemp(join(tmpdir(), 'drover-packed-'));
test.after.always(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
const packing = pack(withNeeds(USER_PACKAGES), folder);

test('every tarball holds what it needs, and nothing else', async (t) => {
  for (const { name, faults } of await packing) t.deepEqual(faults, [], name);
});

test('publint finds nothing', async (t) => {
  for (const { name, path } of await packing) {
    const tarball = new Uint8Array(await readFile(path)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball } });
    const found = messages.map((message) => formatMessage(message, pkg, { color: false }));
    t.deepEqual(found, [], name);
  }
});

test('types resolve in every way of resolving modules', async (t) => {
  for (const { name, path } of (await packing).filter(({ name }) => USER_PACKAGES.includes(name))) {
    const { problems = [], types } = await checkPackage(createPackageFromTarballData(await readFile(path)));
    t.truthy(types, name);
    // Packages are ES modules only; Node can `require` these.
    t.deepEqual(
      problems.filter(({ kind }) => kind !== 'CJSResolvesToESM'),
      [],
      name,
    );
  }
});

// An app in an empty folder, by the READMEs of the packages alone, step by step.
const app = join(folder, 'app');

test.serial('the tarballs install in an empty folder, without other ZooKeeper clients', async (t) => {
  await write(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', type: 'module' }));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--no-progress'];
  await execute('npm', ['install', ...options, ...(await packing).map(({ path }) => path)], { cwd: app });
  for (const name of ['zookeeper', 'node-zookeeper-client'])
    await t.throwsAsync(readFile(join(app, 'node_modules', name, 'package.json')), { code: 'ENOENT' });
});

test.serial('the app compiles, with types of nodenext and of bundlers', async (t) => {
  for (const name of ['tsconfig.json', 'src/handlers.ts', 'src/submit.ts', 'src/handlers.test.ts'])
    await write(join(app, name), await codeBlock('apps/cli/README.md', name));
  await write(join(app, 'src/common.cts'), COMMON_JS);
  const compile = [TSC, '--typeRoots', join(workspaceRoot, 'node_modules/@types')];
  await node([...compile, '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck', '--noEmit']);
  // The declarations of the packages are checked too: they may need nothing that is not installed.
  await node([...compile, '--skipLibCheck', 'false']);
  t.is((await node(['dist/common.cjs'])).stdout, 'function function\n');
});

test.serial('every package can be required', async (t) => {
  const { stdout } = await node(['-p', `${JSON.stringify(USER_PACKAGES)}.map((name) => typeof require(name)).join()`]);
  t.is(stdout, 'object,object,object,object\n');
});

test.serial('its tests pass, and those of the other READMEs', async (t) => {
  const others = {
    'libs/client': ['submit.mjs'],
    'libs/worker': ['handlers.mjs', 'handlers.test.mjs'],
    'libs/testkit': ['handlers.mjs', 'shipping.test.mjs'],
  };
  for (const [library, names] of Object.entries(others))
    for (const name of names) await write(join(app, library, name), await codeBlock(`${library}/README.md`, name));
  t.regex((await node(['--test', 'dist/', 'libs/'])).stdout, /# pass 5\n/);
});

test.serial('a scheduler and a worker of the installed command run what the app submits', async (t) => {
  const zk = await testZooKeeper(t);
  const drover = (...parameters) => ['node_modules/drover/bin/drover.js', ...parameters, '--zk', zk.connect];
  runUntilEnd(t, drover('scheduler'));
  runUntilEnd(t, drover('worker', '--handlers', './dist/handlers.js'));
  const env = { DROVER_ZK: zk.connect };
  t.regex((await node(['dist/submit.js'], env)).stdout, /\n6 words\n$/);
  t.regex((await node(['libs/client/submit.mjs'], env)).stdout, /\n{ hello: 'world' }\n$/);
  const listed = (await node(drover('ls', '--json'))).stdout.trim().split('\n');
  t.deepEqual(
    listed.map((line) => JSON.parse(line).type),
    ['echo', 'words.count'],
  );
});

test.serial('what is for the repository alone is not there, and the command says so', async (t) => {
  const drover = (...parameters) => node(['node_modules/drover/bin/drover.js', ...parameters]);
  t.notRegex((await drover('--help')).stdout, /drover bench/);
  const absent = drover('status', '--zk', '127.0.0.1:1', '--zk-driver', 'node-zookeeper-client');
  t.regex((await t.throwsAsync(absent)).stderr, /npm install node-zookeeper-client/);
});

test('what is wrong with a tarball is said', (t) => {
  const manifest = {
    ...{ version: '0.1.0', license: 'Apache-2.0', description: 'd', engines: { node: '>=20' } },
    exports: { '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' } },
    dependencies: { '@drover/core': '0.1.0', pino: '^1.0.0' },
  };
  const packages = new Map([['@drover/core', { manifest: { version: '0.1.0' } }]]);
  const good = ['README.md', 'LICENSE', 'package.json', 'dist/src/index.d.ts', 'dist/src/index.js'];
  const faults = ({ paths = good, text = '', of = manifest }) =>
    faultsOf({ folder: 'x', manifest: of, paths, packages, readFile: () => text });
  t.deepEqual(faults({}), []);
  t.deepEqual(
    faults({ paths: good.slice(1, 4) }),
    ['README.md is missing', './dist/src/index.js, which package.json names, is missing'].map((one) =>
      one.replace('./', ''),
    ),
  );
  t.deepEqual(faults({ paths: [...good, 'dist/src/a.test.js'] }), ['dist/src/a.test.js is for development']);
  t.deepEqual(faults({ paths: [...good, 'dist/src/index.js.map'], text: '{"sources":["../a.ts"]}' }), [
    'dist/src/index.js.map points nowhere',
  ]);
  t.deepEqual(faults({ text: 'x\n//# sourceMappingURL=index.js.map' }).length, 2);
  t.deepEqual(faults({ of: { ...manifest, dependencies: { '@drover/core': '0.2.0' } } }), [
    'needs @drover/core 0.2.0, which is not published',
  ]);
  t.deepEqual(faults({ of: { ...manifest, license: undefined } }), ['no license']);
});

test('a package comes with all that it needs', (t) => {
  t.true(withNeeds(['@drover/client']).includes('@drover/core'));
  t.false(withNeeds(['@drover/client']).includes('@drover/worker'));
  t.throws(() => withNeeds(['@drover/testing']), { message: /no published package/ });
});

function node(parameters, env = {}) {
  return execute(process.execPath, parameters, { cwd: app, env: { ...environment(), ...env } });
}

/** A process that serves until the test is over. */
function runUntilEnd(t, parameters) {
  const child = spawn(process.execPath, parameters, { cwd: app, env: environment(), stdio: 'ignore' });
  const exit = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exit;
  });
}

/** The environment without variables that would make the programs behave as part of this test run. */
function environment() {
  const ours = ['NODE_TEST_CONTEXT', 'NODE_OPTIONS', 'DROVER_ZK', 'FORCE_COLOR'];
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.includes(name)));
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** The code block of a document of the repository whose first line is `// <name>`. */
async function codeBlock(document, name) {
  const blocks = (await readFile(join(workspaceRoot, document), 'utf8')).matchAll(
    /^```\w+\n\/\/ ([^\n]*)\n(.*?)^```$/gms,
  );
  for (const [, title, code] of blocks) if (title === name) return code;
  throw new Error(`${document} has no ${name}`);
}

// Packs the command `drover` of an earlier release into one file, so that tests can run it beside today's:
//
//   node tools/pack-release.mjs <commit> <file> [--built DIR]
//
// Checks the commit out, installs and builds it (or takes a built copy of it in DIR), bundles the command and its handler
// threads with everything that they import, without names and comments, and writes all files as JSON, compressed with
// Brotli. `unpackRelease` of the system tests reads it. A release is packed once and kept as a fixture.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const [commit, file, flag, given] = process.argv.slice(2);
if (commit === undefined || file === undefined || (flag !== undefined && (flag !== '--built' || given === undefined))) {
  console.error('usage: node tools/pack-release.mjs <commit> <file> [--built DIR]');
  process.exit(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'drover-release-'));
try {
  const source = given ?? checkedOut(commit, folder);
  const files = { 'package.json': JSON.stringify({ type: 'module', version: versionOf(source) }) };
  for (const { path: at, text } of await bundled(source)) files[`dist/src/${path.basename(at)}`] = text;
  const packed = brotliCompressSync(JSON.stringify({ commit, files }), {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  writeFileSync(file, packed);
  console.log(`${file}: ${packed.length} bytes, ${Object.keys(files).length} files`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function checkedOut(commit, folder) {
  const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: 'inherit' });
  execFileSync('git', ['clone', '--quiet', '--no-checkout', '.', folder], { stdio: 'inherit' });
  run('git', 'checkout', '--quiet', commit);
  run('npm', 'ci', '--no-audit', '--no-fund');
  run('npx', 'tsc', '-b');
  return folder;
}

function versionOf(source) {
  return JSON.parse(readFileSync(path.join(source, 'apps/cli/package.json'), 'utf8')).version;
}

/** The program, and beside it, under the name by which it is asked for, what runs in handler threads. */
async function bundled(source) {
  const { outputFiles } = await build({
    absWorkingDir: source,
    entryPoints: {
      main: 'apps/cli/dist/src/main.js',
      'handler-thread.entry': 'libs/worker/dist/src/threads/handler-thread.entry.js',
    },
    outdir: path.join(source, 'out'),
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'error',
    // A second client of ZooKeeper that is compiled at install, and what only handlers in TypeScript need.
    external: ['zookeeper', 'typescript', 'tsx'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    plugins: [{ name: 'release', setup }],
  });
  return outputFiles;
}

function setup({ onLoad, onResolve }) {
  onLoad({ filter: /libs[\\/][^\\/]+[\\/]dist[\\/].*\.js$/ }, withoutCreateRequire);
  // Commands that start clusters of their own, or compare with other queues: no part of a cluster.
  onResolve({ filter: /commands\/(bench|demo|dev|verify)\.js$/ }, ({ path: at }) => ({ path: at, external: true }));
}

/** Some packages are required lazily: they are part of the bundle, too. */
function withoutCreateRequire({ path: at }) {
  const text = readFileSync(at, 'utf8');
  return { contents: text.replace(/^const require = createRequire\(import\.meta\.url\);$/m, ''), loader: 'js' };
}

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, context } from 'esbuild';
import { licensesOf } from './licenses.mjs';
import { workspaceRoot } from './run.mjs';

const project = join(workspaceRoot, 'apps/dashboard');
/** `index.html`, and in `assets/` what it loads: each file's name has a hash of its content. */
export const PAGES = join(project, 'dist/ui');
/** The files that the pages were made of, with hashes of their content. Beside the pages: no package has it. */
const SOURCES = join(project, 'dist/ui.sources.json');

const options = (outdir) => ({
  absWorkingDir: workspaceRoot,
  entryPoints: { main: 'apps/dashboard/src/main.tsx', style: 'apps/dashboard/src/style.css' },
  outdir,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome123', 'firefox121', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});

/** Makes the pages of the dashboard from its sources and what the compiler has built of `libs`. */
export async function bundleDashboard() {
  const made = `${PAGES}.new`;
  rmSync(made, { recursive: true, force: true });
  const { metafile } = await build(options(join(made, 'assets')));
  writePage(made, metafile);
  for (const file of readdirSync(join(made, 'assets'))) compress(join(made, 'assets', file));
  const inputs = Object.keys(metafile.inputs);
  writeFileSync(join(made, 'LICENSES.txt'), licensesOf(contained(metafile)));
  // A server that runs may be asked for a file: it is away for no longer than a rename.
  rmSync(`${PAGES}.old`, { recursive: true, force: true });
  if (existsSync(PAGES)) renameSync(PAGES, `${PAGES}.old`);
  renameSync(made, PAGES);
  rmSync(`${PAGES}.old`, { recursive: true, force: true });
  writeFileSync(SOURCES, JSON.stringify(hashesOf([...inputs, 'apps/dashboard/src/index.html'])));
}

/** Pages that are being worked on look once a second whether they were made anew, and load themselves again. */
const RELOAD = `
let made;
setInterval(async () => {
  const now = await fetch('made.txt').then((answer) => answer.text(), () => made);
  if (made !== undefined && now !== made) location.reload();
  made = now;
}, 1_000);
`;

/** Makes them again at each change of a file, until the process ends. `onMade` is called after each time. */
export async function watchDashboard(onMade) {
  rmSync(PAGES, { recursive: true, force: true });
  const finish = {
    name: 'page',
    setup: ({ onEnd }) =>
      onEnd(({ metafile, errors }) => {
        if (errors.length > 0 || metafile === undefined) return;
        appendFileSync(join(workspaceRoot, writePage(PAGES, metafile)), RELOAD);
        writeFileSync(join(PAGES, 'made.txt'), String(Date.now()));
        onMade();
      }),
  };
  const watched = await context({ ...options(join(PAGES, 'assets')), plugins: [finish] });
  await watched.watch();
}

/** False: there are none, or a file that they were made of has changed since. */
export function isDashboardCurrent() {
  if (!existsSync(join(PAGES, 'index.html')) || !existsSync(SOURCES)) return false;
  const before = JSON.parse(readFileSync(SOURCES, 'utf8'));
  const paths = Object.keys(before);
  if (!paths.every((path) => existsSync(join(workspaceRoot, path)))) return false;
  const now = hashesOf(paths);
  return paths.every((path) => before[path] === now[path]);
}

/** The files of the first view by their kind, as names in `assets/`: what `main` and `style` load before anybody clicks. */
export function firstView(pages = PAGES) {
  const html = readFileSync(join(pages, 'index.html'), 'utf8');
  const names = [...html.matchAll(/assets\/([^"]+)/g)].map(([, name]) => name);
  return {
    scripts: names.filter((name) => name.endsWith('.js')),
    styles: names.filter((name) => name.endsWith('.css')),
  };
}

/** The inputs of which something is left: most of `libs` is not. */
function contained({ outputs }) {
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return [...new Set(parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))];
}

/** Answers the path of the script that the page begins with. */
function writePage(folder, { outputs }) {
  const made = Object.entries(outputs);
  const nameOf = (path) => path.replace(/^.*\/assets\//, '');
  const entry = (source) => made.find(([, { entryPoint }]) => entryPoint === `apps/dashboard/src/${source}`)?.[0] ?? '';
  const script = entry('main.tsx');
  const preloads = staticImports(outputs, script).map(
    (path) => `<link rel="modulepreload" href="assets/${nameOf(path)}" />`,
  );
  const html = readFileSync(join(project, 'src/index.html'), 'utf8')
    .replace('STYLE', `assets/${nameOf(entry('style.css'))}`)
    .replace('SCRIPT', `assets/${nameOf(script)}`)
    .replace('</head>', `  ${preloads.join('\n    ')}\n  </head>`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), html);
  return script;
}

/** All chunks that a script needs before it runs. */
function staticImports(outputs, script, found = new Set()) {
  for (const { path, kind } of outputs[script]?.imports ?? []) {
    if (kind !== 'import-statement' || found.has(path)) continue;
    found.add(path);
    staticImports(outputs, path, found);
  }
  return [...found];
}

function compress(path) {
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
}

function hashesOf(paths) {
  const hash = (path) =>
    createHash('sha256')
      .update(readFileSync(join(workspaceRoot, path)))
      .digest('hex');
  return Object.fromEntries(paths.map((path) => [path, hash(path)]));
}

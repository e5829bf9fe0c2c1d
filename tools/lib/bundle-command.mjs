import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { BUNDLE, SOURCES } from '../../apps/cli/bin/bundle.js';
import { licensesOf } from './licenses.mjs';
import { workspaceRoot } from './run.mjs';

export { isBundleCurrent } from '../../apps/cli/bin/bundle.js';

const folder = fileURLToPath(BUNDLE).replace(/[\\/]$/, '');
const OURS = /[\\/](?:libs|apps)[\\/][^\\/]+[\\/]dist[\\/].*\.js$/;
/** These are found at run time, if they are there at all. */
const LEFT_OUT = ['@drover/bench', 'typescript', 'tsx'];
const API_THREAD = 'api-thread';
/** Some packages `require`. */
const REQUIRE = `import { createRequire as $createRequire } from 'node:module';
const require = $createRequire(import.meta.url);`;

/**
 * Makes the bundle of the command `drover` of what the compiler has built. Each command stays a file of its own, loaded
 * when it is asked for. Threads of handlers and children are started from the packages that they are in, and so handlers share
 * their modules; the thread of the API, which runs nobody else's code, is in the bundle.
 */
export async function bundleCommand() {
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: workspaceRoot,
    entryPoints: { main: 'apps/cli/dist/src/main.js', [API_THREAD]: 'apps/api/dist/src/api-thread.entry.js' },
    outdir: made,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: LEFT_OUT,
    // Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    banner: { js: REQUIRE },
    plugins: [{ name: 'addresses', setup: ({ onLoad }) => void onLoad({ filter: OURS }, withItsAddress) }],
  });
  const inputs = Object.keys(metafile.inputs);
  writeFileSync(join(made, 'LICENSES.txt'), licensesOf(inputs));
  writeFileSync(join(made, SOURCES), JSON.stringify(sourcesOf(inputs)));
  writeFileSync(join(made, 'words.json'), JSON.stringify(await completionWords()));
  // A process that runs may load the next file of the old bundle: it is away for no longer than a rename.
  if (existsSync(folder)) renameSync(folder, `${folder}.old`);
  renameSync(made, folder);
  rmSync(`${folder}.old`, { recursive: true, force: true });
}

/** The words of the command line, so that completion need not load the commands. */
async function completionWords() {
  const built = pathToFileURL(join(workspaceRoot, 'apps/cli/dist/src/completion/words.js'));
  return (await import(built.href)).completionWords();
}

/** A module finds what it looks for beside itself (threads, children, package.json) where it was, not at the bundle. */
function withItsAddress({ path }) {
  const text = readFileSync(path, 'utf8');
  // Every file of the bundle lies beside the others.
  if (path.endsWith(join('apps', 'api', 'dist', 'src', 'index.js')))
    return { contents: text.replace('./api-thread.entry.js', `./${API_THREAD}.js`), loader: 'js' };
  return { contents: text.replaceAll(/\bimport\.meta\.url\b/g, addressOf(path)), loader: 'js' };
}

function addressOf(path) {
  const [top, name, ...rest] = relative(workspaceRoot, path).split(sep);
  const inPackage = rest.join('/');
  if (`${top}/${name}` === 'apps/cli')
    return `new URL(${JSON.stringify(`../${rest.slice(1).join('/')}`)}, import.meta.url).href`;
  const manifest = JSON.parse(readFileSync(join(workspaceRoot, top, name, 'package.json'), 'utf8'));
  return `new URL(${JSON.stringify(inPackage)}, import.meta.resolve(${JSON.stringify(`${manifest.name}/package.json`)})).href`;
}

/** The files that the compiler writes last, of every project that is in the bundle; relative to it. */
function sourcesOf(inputs) {
  const projects = inputs.map((path) => /^((?:libs|apps)\/[^/]+)\/dist\//.exec(path)?.[1]).filter(Boolean);
  const infos = [...new Set(projects)].map((project) => join(workspaceRoot, project, 'dist/tsconfig.tsbuildinfo'));
  return infos.map((path) => relative(folder, path).split(sep).join('/'));
}

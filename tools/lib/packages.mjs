import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { promisify } from 'node:util';
import { bundleCommand, isBundleCurrent } from './bundle-command.mjs';
import { bundleDashboard, isDashboardCurrent } from './bundle-dashboard.mjs';
import { toolEnvironment, workspaceRoot } from './run.mjs';

/** The packages that users install by name; npm installs the others as their dependencies. */
export const USER_PACKAGES = ['drover', '@drover/client', '@drover/worker', '@drover/testkit'];

/** `{ folder, manifest }` of every package of the repository that may be published, by name. */
export function publishedPackages() {
  const folders = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(workspaceRoot, parent)).map((name) => `${parent}/${name}`),
  );
  const packages = folders
    .filter((folder) => existsSync(join(workspaceRoot, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readJson(join(workspaceRoot, folder, 'package.json')) }))
    .filter(({ manifest }) => !manifest.private);
  return new Map(packages.map((one) => [one.manifest.name, one]));
}

/** The named packages and all of the repository's that they need, in the order of the repository. */
export function withNeeds(names, packages = publishedPackages()) {
  const needed = new Set();
  const add = (name) => {
    if (needed.has(name)) return;
    const found = packages.get(name);
    if (found === undefined)
      throw new Error(`${name} is no published package; there are ${[...packages.keys()].join(', ')}`);
    needed.add(name);
    for (const dependency of Object.keys(found.manifest.dependencies ?? {}).filter(isOurs)) add(dependency);
  };
  for (const name of names) add(name);
  return [...packages.keys()].filter((name) => needed.has(name));
}

/**
 * Packs the named packages, which have to be built, into `folder`. Resolves with `{ name, path, size, unpackedSize,
 * files, faults }` of each; sizes in bytes, `faults` are sentences.
 */
export async function pack(names, folder) {
  mkdirSync(folder, { recursive: true });
  const packages = publishedPackages();
  for (const name of names) removeStale(packages.get(name).folder);
  if (names.includes('drover') && !isBundleCurrent()) await bundleCommand();
  if (names.includes('@drover/dashboard') && !isDashboardCurrent()) await bundleDashboard();
  const workspaces = names.flatMap((name) => ['--workspace', name]);
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces],
    { cwd: workspaceRoot, env: toolEnvironment(), maxBuffer: 64 * 1024 * 1024 },
  );
  const packed = new Map(Object.values(JSON.parse(stdout)).map((tarball) => [tarball.name, tarball]));
  return names.map((name) => {
    const { filename, size, unpackedSize, files } = packed.get(name);
    const paths = files.map(({ path }) => path);
    const faults = faultsOf({ ...packages.get(name), paths, packages });
    return { name, path: join(folder, filename), size, unpackedSize, files: paths, faults };
  });
}

/** Removes built files whose source file is gone: `tsc` leaves them behind, and npm would pack them. */
function removeStale(folder) {
  const built = join(workspaceRoot, folder, 'dist/src');
  for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = relative(built, join(entry.parentPath, entry.name));
    const source = join(workspaceRoot, folder, 'src', path.replace(/(\.d\.ts|\.js(\.map)?)$/, '.ts'));
    if (!existsSync(source) && !existsSync(`${source}x`)) rmSync(join(built, path));
  }
}

/** All that is wrong with what a tarball contains, as sentences. */
export function faultsOf({ folder, manifest, paths, packages, readFile = readOf(folder) }) {
  const contained = new Set(paths);
  const code = paths.filter((path) => path.startsWith('dist/src/'));
  return [
    ...['README.md', 'LICENSE', 'package.json']
      .filter((path) => !contained.has(path))
      .map((path) => `${path} is missing`),
    ...['description', 'license', 'version'].filter((field) => !manifest[field]).map((field) => `no ${field}`),
    ...(manifest.engines?.node ? [] : ['no engines.node']),
    ...targetsOf(manifest)
      .filter((path) => !contained.has(path))
      .map((path) => `${path}, which package.json names, is missing`),
    ...paths
      .filter((path) => /\.test\.|\.tsbuildinfo$|(^|\/)(test|bench)\//.test(path))
      .map((path) => `${path} is for development`),
    ...code
      .filter((path) => path.endsWith('.map') && !hasSources(readFile(path)))
      .map((path) => `${path} points nowhere`),
    ...code
      .filter((path) => /\.(js|d\.ts)$/.test(path))
      .filter((path) => mapOf(path, readFile(path)).some((map) => !contained.has(map)))
      .map((path) => `${path} names a source map that is missing`),
    ...Object.entries(manifest.dependencies ?? {})
      .filter(([name]) => isOurs(name))
      .filter(([name, version]) => packages.get(name)?.manifest.version !== version)
      .map(([name, version]) => `needs ${name} ${version}, which is not published`),
  ];
}

const isOurs = (name) => name === 'drover' || name.startsWith('@drover/');

/** Every file that a manifest refers to. */
function targetsOf({ main, types, exports = {}, bin = {} }) {
  const all = [];
  const collect = (value) => {
    if (typeof value === 'string') all.push(posix.normalize(value));
    else if (value) Object.values(value).forEach(collect);
  };
  [main, types, exports, bin].forEach(collect);
  return all;
}

function hasSources(text) {
  const { sources = [], sourcesContent = [] } = JSON.parse(text);
  return sources.length > 0 && sources.every((_, i) => typeof sourcesContent[i] === 'string');
}

function mapOf(path, text) {
  const [, name] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(text) ?? [];
  return name === undefined ? [] : [posix.join(posix.dirname(path), name)];
}

const readOf = (folder) => (path) => readFileSync(join(workspaceRoot, folder, path), 'utf8');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

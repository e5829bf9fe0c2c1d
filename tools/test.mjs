/**
 * `npm test`: installs what is missing, builds, and runs every project's tests against one real ZooKeeper beside the
 * linters. Everything is run, also after a failure. The last line on stdout is `N passed, N failed`, summed over all
 * projects; each check that fails (install, build, eslint, prettier, knip, import circles) counts as one failure. Exits
 * with 0 or 1.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileOptional, ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { run, runQuietly, workspaceRoot } from './lib/run.mjs';
import { countsFileName, sumCounts } from './lib/test-counts.mjs';

const LINTERS = [
  ['eslint', 'eslint', '.'],
  ['prettier', 'prettier', '--check', '.'],
  ['knip', 'knip'],
  ['import circles', 'knip', '--cycles'],
];

requireNode();
let failedChecks = 0;
const projects = [];

try {
  if (await check('install', ensureInstalled)) {
    const [built] = await Promise.all([check('build', build), compileOptional()]);
    // Many tests wait for sessions to expire: the linters use the processor meanwhile.
    await Promise.all([lint(), built && check('tests', runTests)]);
  }
} catch (error) {
  console.error(error);
  failedChecks++;
}

const { passed, failed } = sumCounts(projects, failedChecks);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);

async function build() {
  if (!(await succeeds('nx', ['run-many', '-t', 'build', '--outputStyle=static']))) return false;
  // Not a step of Nx: compiling one project touches files of others, which are newer than the bundle then.
  const { bundleCommand, isBundleCurrent } = await import('./lib/bundle-command.mjs');
  if (!isBundleCurrent()) await bundleCommand();
  const { bundleDashboard, isDashboardCurrent } = await import('./lib/bundle-dashboard.mjs');
  if (!isDashboardCurrent()) await bundleDashboard();
  return true;
}

async function succeeds(program, parameters, options) {
  return (await run(program, parameters, options)) === 0;
}

async function lint() {
  for (const [name, program, ...parameters] of LINTERS) {
    await check(name, async () => (await runQuietly(program, parameters)) === 0);
  }
}

async function check(name, attempt) {
  console.log(`\n── ${name}`);
  const begunAt = Date.now();
  const passed = await attempt();
  console.log(
    `${passed ? '✔' : '✘'} ${name}: ${passed ? 'done' : 'failed'} after ${Math.round((Date.now() - begunAt) / 1000)} s`,
  );
  if (!passed) failedChecks++;
  return passed;
}

/** Resolves with false only when the tests could not be run; failed tests are counted in `projects`. */
async function runTests() {
  const countsFolder = mkdtempSync(join(tmpdir(), 'drover-test-counts-'));
  const zooKeeper = await startSharedZooKeeper();
  try {
    // ava uses every core for the files of one project; but tests wait for sessions and processes half of their time.
    const options = [
      '--outputStyle=stream-without-prefixes',
      '--nxBail=false',
      `--parallel=${availableParallelism()}`,
      // All is built; Nx would put back what it built, and the bundle would be older than that.
      '--excludeTaskDependencies',
    ];
    const env = { DROVER_TEST_ZK: zooKeeper.connect, DROVER_TEST_COUNTS: countsFolder };
    const finished = await succeeds('nx', ['run-many', '-t', 'test', ...options], { env });
    const counts = projectNames().map((name) => readCounts(name, countsFolder));
    projects.push(...counts);
    // Nx may fail where no test did: that must not look like success.
    return finished || counts.some(({ failed }) => failed > 0);
  } finally {
    await zooKeeper.stop();
    rmSync(countsFolder, { recursive: true, force: true });
  }
}

/** Names of all packages of the repository, so that a project without a run is noticed. */
function projectNames() {
  const nested = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(workspaceRoot, parent)).map((name) => `${parent}/${name}`),
  );
  return ['.', ...nested]
    .map((folder) => join(workspaceRoot, folder, 'package.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')).name);
}

function readCounts(name, countsFolder) {
  try {
    return JSON.parse(readFileSync(join(countsFolder, countsFileName(name)), 'utf8'));
  } catch {
    console.log(`✘ ${name}: its tests did not run to their end`);
    return { passed: 0, failed: 1 };
  }
}

/** The one that DROVER_TEST_ZK or DROVER_ZK names, or one that is started and ends with us. */
async function startSharedZooKeeper() {
  const running = process.env.DROVER_TEST_ZK || process.env.DROVER_ZK;
  if (running) return { connect: running, stop: async () => {} };
  const { startZooKeeper } = await import('../libs/embedded/dist/src/index.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const removeData = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await startZooKeeper({ dataDir });
    return {
      connect: server.connect,
      async stop() {
        await server.stop();
        removeData();
      },
    };
  } catch (error) {
    removeData();
    throw error;
  }
}

/**
 * `npm test`: installs what is missing, builds, and runs every project's tests against one real ZooKeeper beside the
 * linters. Everything is run, also after a failure. The last line on stdout is `N passed, N failed`, summed over all
 * projects; each check that fails (install, build, eslint, prettier, knip) counts as one failure. Exits
 * with 0 or 1.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './lib/build.mjs';
import { compileOptional, ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { ESLINT, run, runQuietly, workspaceRoot } from './lib/run.mjs';
import { countsFileName, sumCounts } from './lib/test-counts.mjs';

const LINTERS = [
  ['eslint', ...ESLINT, '.'],
  ['prettier', 'prettier', '--check', '.'],
  // Everything that it looks for unless told otherwise, and import circles.
  ['knip', 'knip', '--files', '--dependencies', '--exports', '--cycles'],
];
/** The projects whose tests take longest begin first, so that no core is idle at the end. */
const LONGEST_FIRST = [
  'apps/cli',
  'apps/bench',
  'libs/simulation',
  'apps/chaos',
  'libs/scheduler',
  'apps/dashboard-tests',
  '.',
];
/**
 * Projects whose tests run at a time. ava runs two files of each at a time, but tests wait for sessions, processes and
 * timers much of their time: with one project more than cores no core is idle.
 */
const AT_A_TIME = availableParallelism() + 1;

requireNode();
let failedChecks = 0;
const projects = [];

try {
  if (await check('install', ensureInstalled)) {
    const [built] = await Promise.all([check('build', () => buildAll(run)), compileOptional()]);
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
    const env = { DROVER_TEST_ZK: zooKeeper.connect, DROVER_TEST_COUNTS: countsFolder };
    const runner = join(workspaceRoot, 'tools/run-ava.mjs');
    const finished = await eachInTurn(testedFolders(), async (folder) => {
      const code = await run(process.execPath, [runner], { env, cwd: join(workspaceRoot, folder) });
      return code === 0;
    });
    const counts = projectNames().map((name) => readCounts(name, countsFolder));
    projects.push(...counts);
    // A run may fail where no test did: that must not look like success.
    return finished || counts.some(({ failed }) => failed > 0);
  } finally {
    await zooKeeper.stop();
    rmSync(countsFolder, { recursive: true, force: true });
  }
}

/** Does `work` with every item, `AT_A_TIME` of them, and resolves with whether it was true for all. */
async function eachInTurn(items, work) {
  const waiting = [...items];
  let succeeded = true;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      if (!(await work(item))) succeeded = false;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return succeeded;
}

/** Names of all packages of the repository, so that a project without a run is noticed. */
function projectNames() {
  return projectFolders().map(
    (folder) => JSON.parse(readFileSync(join(workspaceRoot, folder, 'package.json'), 'utf8')).name,
  );
}

/** Relative to the root, the slowest first. */
function testedFolders() {
  const folders = projectFolders();
  return [
    ...LONGEST_FIRST.filter((folder) => folders.includes(folder)),
    ...folders.filter((folder) => !LONGEST_FIRST.includes(folder)),
  ];
}

function projectFolders() {
  const nested = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(workspaceRoot, parent)).map((name) => `${parent}/${name}`),
  );
  return ['.', ...nested].filter((folder) => existsSync(join(workspaceRoot, folder, 'package.json')));
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
  const { SHORT_LIVED_JVM, startZooKeeper } = await import('../libs/embedded/dist/src/index.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const removeData = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await startZooKeeper({ dataDir, javaArguments: SHORT_LIVED_JVM });
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

import { setTimeout as delay } from 'node:timers/promises';
import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { askFourLetterWord, startZooKeeper, type ZooKeeperServer } from '@drover/embedded';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { serviceFolder } from '../services/folder.js';
import { DroverProcesses, systemOf, tasks } from '../systems/drover.js';
import type { Figure } from './figure.js';

const BACKLOG = 'backlog';
const MB = 1e6;
const FULL_BATCH = 500;
/**
 * More transactions than ZooKeeper keeps in memory for followers (`commitLogCount`, 500); `check` looks at no memory.
 */
const REMEMBERED = { check: 2, quick: 600, full: 600 };
/** Makes the JVM do a full collection whenever the server has been idle for some time: then the heap has no garbage. */
const COLLECT = ['-XX:+UseG1GC', '-XX:-G1PeriodicGCInvokesConcurrent'];
const COLLECTION_PATIENCE_MS = 30_000;

/** The memory and disk that a ZooKeeper server needs for a million tasks with payloads of about 100 bytes. */
export async function storage(effort: Effort): Promise<Figure[]> {
  const folder = await serviceFolder('storage');
  const gcLog = path.join(folder.path, 'gc.log');
  const idleMs = sizeFor(effort, { check: 200, quick: 1_000, full: 1_000 });
  const collect = [...COLLECT, `-XX:G1PeriodicGCInterval=${idleMs}`];
  const javaArguments = ['-XX:+IgnoreUnrecognizedVMOptions', ...collect, `-Xlog:gc:file=${gcLog}`];
  const server = await startZooKeeper({ dataDir: folder.path, tickTimeMs: 500, heapMb: 2_048, javaArguments });
  const count = sizeFor(effort, { quick: 100_000, full: 1_000_000 });
  const alone = sizeFor(effort, { quick: 20_000, full: 50_000 });
  const remembered = sizeFor(effort, REMEMBERED);
  try {
    const sizes = (): Promise<Sizes> => sizesOf(server, gcLog);
    // The server keeps its last transactions in memory for followers. Batches of the same kind are submitted first, so
    // that this memory does not change while the growth is measured.
    const grownBySubmit = async (tasks: number, batchTasks: number): Promise<Sizes> => {
      await submit(server, remembered * batchTasks, batchTasks);
      return grown(sizes, tasks, () => submit(server, tasks, batchTasks));
    };
    const batches = await grownBySubmit(count, FULL_BATCH);
    await server.stop();
    const restartS = await secondsOf(() => server.restart());
    const snapshotBytes = await newestSnapshot(server);
    const held = count + remembered * FULL_BATCH;
    const singles = await grownBySubmit(alone, 1);
    const life = await grown(sizes, count, () => wholeLife(server, count));
    const figure = (name: string, value: number, unit: string): Figure => ({ name, value, unit, target: null });
    return [
      ...figuresOf('pending, in full batches', batches),
      figure('pending, in full batches: a snapshot', snapshotBytes / MB / (held / 1e6), 'MB'),
      figure(`a server's start with ${held.toLocaleString('en-US')} pending`, restartS, 's'),
      ...figuresOf('pending, each submitted alone', singles),
      figure('from submit to removal, in full batches: transaction log', life.logBytes / MB, 'MB'),
      figure('from submit to removal, in full batches: transactions', life.transactions, ''),
    ];
  } finally {
    await server.stop();
    await folder.remove();
  }
}

interface Sizes {
  znodes: number;
  dataBytes: number;
  heapBytes: number;
  logBytes: number;
  transactions: number;
}

function figuresOf(name: string, { znodes, dataBytes, heapBytes, logBytes }: Sizes): Figure[] {
  const row = (what: string, value: number, unit: string): Figure => ({
    name: `${name}: ${what}`,
    value,
    unit,
    target: null,
  });
  return [
    row('znodes', znodes, ''),
    row('data, as mntr says', dataBytes / MB, 'MB'),
    row('heap after a full collection', heapBytes / MB, 'MB'),
    row('transaction log', logBytes / MB, 'MB'),
  ];
}

/** The growth of a server by the work of `count` tasks, scaled to a million. */
async function grown(sizes: () => Promise<Sizes>, count: number, work: () => Promise<void>): Promise<Sizes> {
  const before = await sizes();
  await work();
  const after = await sizes();
  const perMillion = (of: keyof Sizes): number => ((after[of] - before[of]) / count) * 1e6;
  return {
    znodes: perMillion('znodes'),
    dataBytes: perMillion('dataBytes'),
    heapBytes: perMillion('heapBytes'),
    logBytes: perMillion('logBytes'),
    transactions: perMillion('transactions'),
  };
}

async function wholeLife(server: ZooKeeperServer, count: number): Promise<void> {
  const processes = new DroverProcesses(`${server.connect}/life`, {});
  await processes.scheduler('bench');
  await processes.worker('bench');
  const drover = await processes.client();
  await systemOf(drover).bulk(count);
  await drover.close();
  await processes.stop();
}

/** Submits tasks while there is no leader: they stay as they were submitted. */
async function submit(server: ZooKeeperServer, count: number, batchTasks: number): Promise<void> {
  const processes = new DroverProcesses(`${server.connect}/pending`, {});
  await processes.scheduler('layout');
  await processes.stop();
  const drover = await processes.client({ batchTasks });
  for await (const _task of drover.submitMany(tasks(count), { queue: BACKLOG }));
  await drover.close();
}

async function sizesOf(server: ZooKeeperServer, gcLog: string): Promise<Sizes> {
  const heapBytes = await heapAfterCollection(gcLog);
  const ask = (word: string): Promise<string> => askFourLetterWord(word, { host: '127.0.0.1', port: server.port });
  const [mntr, srvr] = [await ask('mntr'), await ask('srvr')];
  const value = (name: string): number => Number(new RegExp(`^${name}\\t(\\d+)`, 'm').exec(mntr)?.[1] ?? NaN);
  const logs = await filesOf(server, 'log.');
  return {
    znodes: value('zk_znode_count'),
    dataBytes: value('zk_approximate_data_size'),
    heapBytes,
    transactions: Number(/^Zxid: (0x[\da-f]+)/m.exec(srvr)?.[1] ?? NaN),
    // Log files are allocated ahead, so their length says nothing: the blocks are counted.
    logBytes: logs.reduce((sum, { blocks }) => sum + blocks * 512, 0),
  };
}

/**
 * The heap after the second collection from now: the first may have begun before. `NaN`: this JVM does none when idle.
 */
async function heapAfterCollection(gcLog: string): Promise<number> {
  const collections = async (): Promise<number[]> => {
    const log = await readFile(gcLog, 'utf8');
    return [...log.matchAll(/Pause Full \(G1 Periodic.*->(\d+)M\(/g)].map(([, mib]) => Number(mib) * 2 ** 20);
  };
  const { length: seen } = await collections();
  for (let waited = 0; waited < COLLECTION_PATIENCE_MS; waited += 200) {
    const all = await collections();
    if (all.length >= seen + 2) return all.at(-1) ?? NaN;
    await delay(200);
  }
  return NaN;
}

async function newestSnapshot(server: ZooKeeperServer): Promise<number> {
  const snapshots = await filesOf(server, 'snapshot.');
  return snapshots.sort((a, b) => b.mtimeMs - a.mtimeMs)[0]?.size ?? NaN;
}

async function filesOf(server: ZooKeeperServer, prefix: string): Promise<Stats[]> {
  const folder = path.join(server.dataDir, 'data', 'version-2');
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  return Promise.all(names.map((name) => stat(path.join(folder, name))));
}

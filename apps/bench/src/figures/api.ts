import { setTimeout as delay } from 'node:timers/promises';
import type { Drover } from '@drover/client';
import { askFourLetterWord } from '@drover/embedded';
import type { Child } from '../child.js';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { quantileOf } from '../statistics.js';
import { DroverProcesses, measureOf, systemOf, tasks } from '../systems/drover.js';
import { apiAddress, WITH_API } from './api-address.js';
import { bulkRetry } from './bulk-retry.js';
import type { Figure, Place } from './figure.js';
import { firstView } from './first-view.js';
import { HttpViewer } from './http-viewer.js';
import { Observer } from './observer.js';
import { startup } from './startup.js';
import { submitLines } from './submit-lines.js';
import { watched } from './watched.js';

const BACKLOG = 'backlog';
const LIST = '/v1/tasks?limit=50';
const OVERVIEW = '/v1/overview';
const VIEWERS = 50;

interface System {
  effort: Effort;
  servers: string;
  leader: Child;
  drover: Drover;
  viewer: HttpViewer;
}

/** The cost of operating: of looking, of the dashboard, of bulk actions, of commands, of metrics and traces. */
export async function api(place: Place): Promise<Figure[]> {
  return [...(await looking(place)), ...(await bulkRetry(place)), ...(await watched(place))];
}

/**
 * The cost of looking, with very many pending tasks: times of answers, the leader's thread, other tasks, and ZooKeeper.
 * The leader is the replica that is asked.
 */
async function looking(place: Place): Promise<Figure[]> {
  const { effort, servers } = place;
  const pending = sizeFor(effort, { check: 500, quick: 100_000, full: 1_000_000 });
  const processes = new DroverProcesses(place.chroot('api'), place.connection);
  const leader = await processes.scheduler('bench', { ...WITH_API, maxPendingTasks: '2000000' });
  await processes.worker('bench');
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  const url = await apiAddress(observer);
  const viewer = new HttpViewer(url);
  try {
    await drover.pauseQueue(BACKLOG);
    for await (const _task of drover.submitMany(tasks(pending), { queue: BACKLOG }));
    const system = { effort, servers, leader, drover, viewer };
    await times(system, 'warm up');
    return [
      ...(await times(system, `${pending.toLocaleString('en-US')} pending tasks, nothing else`)),
      ...(await perQuestion(system)),
      ...(await underLoad(system)),
      ...(await besideViewers(system)),
      ...(await streams(system)),
      ...(await scrape(system)),
      ...(await firstView(url, pending, place)),
      ...(await startup(place, url)),
      ...(await submitLines(url, BACKLOG, effort)),
    ];
  } finally {
    viewer.close();
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

async function times({ effort, viewer }: Pick<System, 'effort' | 'viewer'>, when: string): Promise<Figure[]> {
  const count = sizeFor(effort, { check: 3, quick: 200, full: 1_000 });
  const isIdle = !when.includes('full load');
  const figures: Figure[] = [];
  for (const { name, path, goals } of [
    { name: 'a page of 50 tasks', path: LIST, goals: [25, 100] },
    { name: 'the overview', path: OVERVIEW, goals: [10, null] },
  ]) {
    const value = quantileOf(await viewer.times(path, count), 0.99);
    const atMost = goals[isIdle ? 0 : 1] ?? null;
    figures.push({ name: `${name}, p99, ${when}`, value, unit: 'ms', target: atMost === null ? null : { atMost } });
  }
  return figures;
}

/** The time of the thread that leads, for one page. */
async function perQuestion({ effort, viewer, leader }: System): Promise<Figure[]> {
  const count = sizeFor(effort, { check: 3, quick: 100, full: 500 });
  await delay(sizeFor(effort, { check: 10, quick: 1_000, full: 2_000 }));
  await measureOf(leader, 'active');
  const idleMs = sizeFor(effort, { check: 10, quick: 2_000, full: 5_000 });
  await delay(idleMs);
  const idle = (await measureOf(leader, 'active')) / idleMs;
  const seconds = await secondsOf(() => viewer.times(LIST, count));
  const active = await measureOf(leader, 'active');
  const value = Math.max(0, active - idle * seconds * 1_000) / count;
  return [{ name: "the leader's thread for a page of 50 tasks", value, unit: 'ms', target: { atMost: 2 } }];
}

async function underLoad(system: System): Promise<Figure[]> {
  const { effort, drover } = system;
  const over = new AbortController();
  const count = sizeFor(effort, { quick: 20_000, full: 100_000 });
  const load = (async () => {
    while (!over.signal.aborted) await systemOf(drover).bulk(count);
  })();
  try {
    return await times(system, 'under full load');
  } finally {
    over.abort();
    await load;
  }
}

/** Viewers that each follow a stream and read two pages a second, in turns with none. */
async function besideViewers({ effort, drover, viewer, leader, servers }: System): Promise<Figure[]> {
  const count = sizeFor(effort, { quick: 50_000, full: 300_000 });
  const pairs = sizeFor(effort, { check: 1, quick: 3, full: 5 });
  const bulk = (): Promise<number> => secondsOf(() => systemOf(drover).bulk(count));
  let [alone, beside] = [0, 0];
  for (let pair = 0; pair < pairs; pair++) {
    alone += await bulk();
    const viewers = await Viewers.begin(viewer);
    beside += await bulk();
    await viewers.end();
  }
  const looking = await Viewers.begin(viewer);
  const [quiet, watched] = [
    await traffic(effort, servers, leader, false),
    await traffic(effort, servers, leader, true),
  ];
  await looking.end();
  const still = await traffic(effort, servers, leader, false);
  const packets = quiet === null || still === null ? NaN : quiet.packets - still.packets;
  const watches = quiet === null || still === null ? NaN : quiet.watches - still.watches;
  const of = `${VIEWERS} viewers`;
  return [
    { name: `throughput with ${of}, of that without`, value: alone / beside, unit: '', target: { atLeast: 0.98 } },
    { name: `${of}: requests to ZooKeeper`, value: packets, unit: '/s', target: { atMost: 2 } },
    { name: `${of}: watches in ZooKeeper`, value: watches, unit: '', target: { atMost: 0 } },
    {
      name: `${of}: the leader's thread, nothing else to do`,
      value: (watched?.active ?? NaN) * 100,
      unit: '% of a core',
      target: null,
    },
  ].filter(({ value }) => Number.isFinite(value));
}

/** Of a while; null: this ZooKeeper does not tell. `active`: of the leader's thread. */
async function traffic(
  effort: Effort,
  servers: string,
  leader: Child,
  isLeader: boolean,
): Promise<{ packets: number; watches: number; active: number } | null> {
  const seconds = sizeFor(effort, { check: 0.2, quick: 5, full: 20 });
  await measureOf(leader, 'active');
  const before = await counts(servers);
  await delay(seconds * 1_000);
  const after = await counts(servers);
  const active = isLeader ? (await measureOf(leader, 'active')) / (seconds * 1_000) : 0;
  if (before === null || after === null) return null;
  return { packets: (after.packets - before.packets) / seconds, watches: after.watches, active };
}

async function counts(servers: string): Promise<{ packets: number; watches: number } | null> {
  let [packets, watches] = [0, 0];
  for (const server of servers.split(',')) {
    const [host = '', port = ''] = server.split(':');
    const said = await askFourLetterWord('mntr', { host, port: Number(port) }).catch(() => '');
    const of = (name: string): number => Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(said)?.[1] ?? NaN);
    packets += of('zk_packets_received');
    watches += of('zk_watch_count');
  }
  return Number.isFinite(packets) && Number.isFinite(watches) ? { packets, watches } : null;
}

class Viewers {
  #isOver = false;
  readonly #viewers: readonly HttpViewer[];
  readonly #looking: Promise<unknown>;

  static async begin(like: HttpViewer): Promise<Viewers> {
    const viewers = Array.from({ length: VIEWERS }, () => like.another());
    await Promise.all(viewers.map((viewer) => viewer.follow('/v1/events?topics=overview,queues')));
    return new Viewers(viewers);
  }

  private constructor(viewers: readonly HttpViewer[]) {
    this.#viewers = viewers;
    this.#looking = Promise.all(viewers.map((viewer) => this.#look(viewer)));
  }

  async #look(viewer: HttpViewer): Promise<void> {
    while (!this.#isOver) {
      await viewer.read(OVERVIEW);
      await viewer.read(LIST);
      await delay(1_000 * (0.5 + Math.random()));
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    for (const viewer of this.#viewers) viewer.close();
  }
}

/** Open streams, and nothing that happens: the processor time of the whole process, all threads. */
async function streams({ effort, viewer, leader }: System): Promise<Figure[]> {
  const count = sizeFor(effort, { check: 10, quick: 1_000, full: 1_000 });
  const seconds = sizeFor(effort, { check: 0.2, quick: 5, full: 20 });
  const followers = viewer.another();
  try {
    for (let n = 0; n < count; n++) await followers.follow('/v1/events?topics=overview');
    await measureOf(leader, 'cpu');
    await delay(seconds * 1_000);
    const value = ((await measureOf(leader, 'cpu')) / (seconds * 1_000)) * 100;
    return [
      {
        name: `${count.toLocaleString('en-US')} open streams, the whole process`,
        value,
        unit: '% of a core',
        target: { atMost: 10 },
      },
    ];
  } finally {
    followers.close();
  }
}

async function scrape({ effort, viewer }: System): Promise<Figure[]> {
  const count = sizeFor(effort, { check: 2, quick: 50, full: 200 });
  const series = (await viewer.read('/metrics')).split('\n').filter((line) => /^[a-z]/.test(line)).length;
  const value = quantileOf(await viewer.times('/metrics', count), 0.5);
  return [
    { name: 'a scrape of the metrics, p50', value, unit: 'ms', target: { atMost: 10 } },
    { name: 'series of a scheduler', value: series, unit: '', target: { atMost: 400 } },
  ];
}

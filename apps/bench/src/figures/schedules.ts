import type { NamedSchedule } from '@drover/client';
import { setTimeout as delay } from 'node:timers/promises';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { DroverProcesses, measureOf } from '../systems/drover.js';
import type { Figure, Place } from './figure.js';
import { Observer } from './observer.js';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];
/** Some schedule fires in each tenth of a second, so that a new leader has something to fire at once. */
const TICKS = 10;
const SETTLE_MS = 3_000;

/** 100,000 schedules that are not due: their memory, what the leader spends on them, and a takeover with them. */
export async function schedules(place: Place): Promise<Figure[]> {
  const count = sizeFor(place.effort, { check: 200, quick: 10_000, full: 100_000 });
  const seconds = sizeFor(place.effort, { check: 1, quick: 10, full: 30 });
  const settleMs = sizeFor(place.effort, { check: 100, quick: SETTLE_MS, full: SETTLE_MS });
  const processes = new DroverProcesses(place.chroot('schedules'), place.connection);
  const leader = await processes.scheduler('first');
  await processes.worker('bench');
  const drover = await processes.client();
  const observer = await Observer.open(processes);
  try {
    const before = await measureOf(leader, 'memory');
    const applyS = await secondsOf(() => drover.schedules.apply(yearly(count)));
    const after = await measureOf(leader, 'memory');
    await delay(settleMs);
    await measureOf(leader, 'cpu');
    const written = await observer.transactions();
    await delay(seconds * 1_000);
    const writes = (await observer.transactions()) - written;
    const cpuMs = await measureOf(leader, 'cpu');
    await drover.schedules.apply(ticks());
    await processes.scheduler('second');
    const gone = observer.seen('deleted', (path) => path === '/leader');
    await leader.stop('SIGTERM');
    const goneAt = await gone;
    const firedAt = await observer.seen('created', (path) => path.split('/').length === 4);
    const of = `${count.toLocaleString('en-US')} schedules`;
    return [
      { name: `apply ${of}`, value: applyS, unit: 's', target: null },
      {
        name: `leader's memory for ${of}`,
        value: (after - before) / 1e6,
        unit: 'MB',
        target: { atMost: (60 * count) / 100_000 },
      },
      { name: `leader, ${of}, none due`, value: cpuMs / (seconds * 10), unit: '% of a core', target: { atMost: 2 } },
      // The observer's own two are not the scheduler's.
      {
        name: `writes to ZooKeeper, ${of}, none due`,
        value: (writes - 2) / seconds,
        unit: '/s',
        target: { atMost: 1 },
      },
      {
        name: `takeover with ${of}: last leader gone to first fire, orderly`,
        value: (firedAt - goneAt) / 1_000,
        unit: 's',
        target: { atMost: 1 },
      },
    ];
  } finally {
    await observer.close();
    await drover.close();
    await processes.stop();
  }
}

function* yearly(count: number): Generator<NamedSchedule> {
  for (let n = 0; n < count; n++)
    yield {
      name: `customer-${n}`,
      when: { cron: `${n % 60} ${Math.floor(n / 60) % 24} 29 2 *`, tz: ZONES[n % ZONES.length] ?? 'UTC' },
      run: { type: 'echo', payload: { customer: n }, queue: 'reports' },
    };
}

function* ticks(): Generator<NamedSchedule> {
  for (let n = 0; n < TICKS; n++)
    yield {
      name: `tick-${n}`,
      when: { every: '1s', phase: (n * 1_000) / TICKS },
      run: { type: 'echo', payload: n },
      overlap: 'allow',
    };
}

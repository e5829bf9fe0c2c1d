import { DEFAULT_QUEUE_SETTINGS, DEFAULT_TASK_OPTIONS, type QueueSettings } from '@drover/core';
import { strategyNamed } from '@drover/strategies';
import test from 'ava';
import { assigned, decide, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import { Planner } from './planner.js';
import { DEFAULT_PLANNER_SETTINGS } from './settings.js';

interface Customer {
  readonly name: string;
  readonly weight: number;
  readonly backlog: number;
  /** Of a task of it, at a place of its own. */
  readonly busyMs: number;
}

const WORKERS = 8;
const CAPACITY = 8;

/**
 * A planner whose workers report all that they are given at once, until so many tasks were handed out. Returns what each
 * tenant has got, in tasks and in time, and whether it still has a backlog.
 */
function share(customers: readonly Customer[], tasks: number, settings: Partial<QueueSettings> = {}) {
  const planner = new Planner({
    strategy: strategyNamed('least-loaded'),
    settings: { ...DEFAULT_PLANNER_SETTINGS, retainTasks: 0, retainAtLeastMs: 0 },
    assignmentId: (batch, n) => `${batch}.e1-${n}`,
  });
  const tenants = Object.fromEntries(customers.map(({ name, weight }) => [name, weight]));
  planner.queue('q', { ...DEFAULT_QUEUE_SETTINGS, ...settings, tenants });
  const of = new Map<string, { customer: Customer; got: number }>();
  for (const customer of customers) {
    const { name, backlog } = customer;
    of.set(name, { customer, got: 0 });
    for (let n = 0; n < backlog; n += 500) {
      const group = { ...DEFAULT_TASK_OPTIONS, type: 't', tenant: name, count: Math.min(500, backlog - n) };
      planner.batch({ id: `${name}-${n}`, queue: 'q', groups: [group], submittedAt: 0, bytes: 0 });
    }
  }
  for (let n = 0; n < WORKERS; n++)
    planner.worker({ id: `w${n}`, capacity: CAPACITY, weight: 1, types: ['t'], draining: false });
  let handedOut = 0;
  for (let now = 1; handedOut < tasks; now += 2)
    for (const { id, batch, attempt, tasks: ranges } of assigned(planner.plan(now, () => 0.5))) {
      const known = of.get(batch.split('-')[0] ?? '');
      if (known === undefined) throw new Error(`whose is ${batch}?`);
      const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
      handedOut += count;
      known.got += count;
      const busyMs = count * known.customer.busyMs;
      const spent = { ranMs: busyMs / CAPACITY, heldMs: busyMs / CAPACITY, busyMs };
      planner.result({ batch, assignment: id, ends: 'all', attempt, at: now, last: true, spent });
    }
  return [...of.values()].map(({ customer, got }) => ({ ...customer, got, hasMore: got < customer.backlog }));
}

/** How far those that always had something are from their shares, summed up: 0.05 is 5 %. */
function errorOf(got: readonly { got: number; weight: number }[]): number {
  const all = got.reduce((sum, each) => sum + each.got, 0);
  const weights = got.reduce((sum, { weight }) => sum + weight, 0);
  return got.reduce((sum, each) => sum + Math.abs(each.got - (all * each.weight) / weights), 0) / all;
}

test('1,000 tenants with weights from 1 to 10 and backlogs after Zipf share as they should, within 5 %', (t) => {
  const customers = Array.from({ length: 1_000 }, (_, n) => ({
    ...{ name: `t${n}`, weight: 1 + (n % 10), backlog: Math.ceil(200_000 / (n + 1)), busyMs: 8 },
  }));
  const got = share(customers, 100_000).filter(({ hasMore }) => hasMore);
  t.true(got.length > 100, `${got.length} tenants have a backlog`);
  const error = errorOf(got);
  t.true(error <= 0.05, `${(100 * error).toFixed(1)} %`);
});

test('tenants that share by time pay for slow tasks', (t) => {
  const customers = [
    { name: 'slow', weight: 1, backlog: 50_000, busyMs: 100 },
    { name: 'fast', weight: 1, backlog: 50_000, busyMs: 10 },
    { name: 'big', weight: 3, backlog: 50_000, busyMs: 10 },
  ];
  const times = share(customers, 20_000, { fairness: 'time' }).map((each) => ({
    ...each,
    got: each.got * each.busyMs,
  }));
  const error = errorOf(times);
  t.true(error <= 0.05, `${(100 * error).toFixed(1)} %: ${times.map(({ got }) => got).join(', ')}`);
});

/** One worker with one place, which ends what it has after each plan. Returns whose task it was each time. */
function serveOne(w: World, times: number): string[] {
  return Array.from({ length: times }, () => {
    const [given] = assigned(decide(w));
    w.now += 2;
    w.report(given?.id ?? '', 'all', true);
    return given?.batch ?? 'nobody';
  });
}

const count = (served: readonly string[], batch: string): number => served.filter((each) => each === batch).length;

test('what a minimum share brings a queue costs nothing of the proportions of the others', (t) => {
  const w = world('least-loaded', { aheadMs: 0 });
  for (const [queue, weight, minShare] of [
    ['a', 3, 0],
    ['b', 1, 0],
    ['c', 0.01, 0.2],
  ] as const) {
    w.configure(queue, { weight, minShare });
    w.submit(queue, [{ count: 3_000 }], queue);
  }
  w.join('w', { capacity: 1 });
  const served = serveOne(w, 2_000);
  t.true(Math.abs(count(served, 'c') - 400) <= 10, `${count(served, 'c')} of c`);
  t.true(Math.abs(count(served, 'a') / count(served, 'b') - 3) <= 0.15, `${count(served, 'a')}, ${count(served, 'b')}`);
});

test('a tenant that had nothing begins where the others are', (t) => {
  const w = world('least-loaded', { aheadMs: 0 });
  w.join('w', { capacity: 1 });
  w.submit('q', [{ count: 500, tenant: 'early' }], 'early');
  serveOne(w, 300);
  w.submit('q', [{ count: 500, tenant: 'late' }], 'late');
  const late = count(serveOne(w, 40), 'late');
  t.true(Math.abs(late - 20) <= 1, `${late} of 40`);
});

import { seededRandom } from '@drover/runtime';
import test from 'ava';
import { AdaptiveLimit } from './adaptive-limit.js';

const BASE_MS = 100;

/** A service that serves as many at a time as its knee; beyond it each attempt takes longer in proportion. */
class Simulated {
  readonly #random;
  readonly #noise: number;
  readonly limit = new AdaptiveLimit({ min: 4, max: 256 }, 0);
  knee = 16;
  baseMs = BASE_MS;
  now = 0;
  done = 0;
  /** Times at which attempts end, with when they began. */
  #running: { from: number; to: number }[] = [];

  constructor(seed: number, noise = 0.2) {
    this.#random = seededRandom(seed);
    this.#noise = noise;
  }

  /** Always as many run as may, or as `most` says. */
  run(forMs: number, most = () => this.limit.limit): void {
    const until = this.now + forMs;
    while (this.now < until) {
      while (this.#running.length < most()) this.#begin();
      this.#running.sort((a, b) => a.to - b.to);
      const [first] = this.#running;
      if (first === undefined) return;
      this.now = first.to;
      this.limit.ended({ type: 't', ms: first.to - first.from, isOverload: false }, this.#running.length, this.now);
      this.#running.shift();
      this.done++;
    }
  }

  #begin(): void {
    const crowd = Math.max(1, (this.#running.length + 1) / this.knee);
    const ms = this.baseMs * crowd * (1 - this.#noise + 2 * this.#noise * this.#random());
    this.#running.push({ from: this.now, to: this.now + ms });
  }
}

for (const [seed, noise] of [
  [1, 0.1],
  [2, 0.2],
  [3, 0.4],
  [4, 0.2],
] as const) {
  test(`a knee is found, kept, and followed when it moves: seed ${seed}, noise ${noise}`, (t) => {
    const world = new Simulated(seed, noise);
    const best = new Simulated(seed, noise);
    world.run(60_000);
    t.true(world.limit.steady >= 10 && world.limit.steady <= 26, `after 60 s: ${world.limit.steady}`);
    best.run(60_000, () => 16);
    const [done, most] = [world.done, best.done];
    world.run(120_000);
    best.run(120_000, () => 16);
    const share = (world.done - done) / (best.done - most);
    t.true(share >= 0.9, `throughput once it has settled: ${share}`);
    t.true(done / most >= 0.9, `throughput from the start: ${done / most}`);
    world.knee = 4;
    world.run(60_000);
    t.true(world.limit.steady <= 8, `after the knee moved: ${world.limit.steady}`);
    world.knee = 16;
    world.run(120_000);
    t.true(world.limit.steady >= 10 && world.limit.steady <= 26, `after it moved back: ${world.limit.steady}`);
  });
}

test('without a knee the limit grows to its bound', (t) => {
  const world = new Simulated(5);
  world.knee = 10_000;
  world.run(45_000);
  t.is(world.limit.steady, 256);
});

test('a service that has become slower for good is learned anew', (t) => {
  const world = new Simulated(6);
  world.run(60_000);
  world.baseMs = 4 * BASE_MS;
  world.run(400_000);
  t.true(world.limit.steady >= 10 && world.limit.steady <= 26, String(world.limit.steady));
});

test('a limit that nobody reaches does not grow', (t) => {
  const limit = new AdaptiveLimit({ min: 8, max: 100 }, 0);
  for (let now = 0; now < 60_000; now += 50) limit.ended({ type: 't', ms: 10, isOverload: false }, 2, now);
  t.is(limit.limit, 8);
});

test('a refusal for too much load takes a tenth off, once a window', (t) => {
  const limit = new AdaptiveLimit({ min: 4, max: 100 }, 0);
  let now = 0;
  const run = (until: number, isOverload: boolean) => {
    for (; now < until; now += 10) limit.ended({ type: 't', ms: 10, isOverload }, limit.limit, now);
  };
  run(20_000, false);
  const before = limit.limit;
  t.true(before > 10, String(before));
  run(21_000, true);
  t.true(limit.limit >= Math.floor(before * 0.9) - 1 && limit.limit < before, `${before}, then ${limit.limit}`);
  run(60_000, true);
  t.is(limit.limit, 4);
});

test('types of different lengths are judged each by itself', (t) => {
  const limit = new AdaptiveLimit({ min: 4, max: 256 }, 0);
  let now = 0;
  const run = (until: number, types: readonly [string, number][]) => {
    for (let n = 0; now < until; now += 10, n++) {
      const [type = '', ms = 0] = types[n % types.length] ?? [];
      limit.ended({ type, ms, isOverload: false }, limit.limit, now);
    }
  };
  run(5_000, [['short', 10]]);
  const before = limit.limit;
  run(15_000, [
    ['short', 10],
    ['long', 5_000],
    ['long', 5_100],
  ]);
  t.true(limit.limit > before, `${before}, then ${limit.limit}`);
});

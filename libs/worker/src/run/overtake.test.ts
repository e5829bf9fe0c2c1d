import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import type { Batch } from '@drover/protocol';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { overtake, OVERTAKEN_MS } from './overtake.js';
import { Work } from './work.js';

const BATCH = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
let made = 0;

function work({ queue = 'q', tenant = '', priority = 0, arrivedMs = 0 } = {}): Work {
  const group = { ...DEFAULT_TASK_OPTIONS, type: 't', tenant, priority, count: 1 };
  const batch: Batch = { header: { queue, count: 1, groups: [group], at: 0, client: 'c' }, payload: () => '1' };
  const record = { v: 1 as const, batch: BATCH, tasks: [[0, 1] as [number, number]], attempt: 1, epoch: 1, at: 0 };
  const one = new Work(`/assignments/w/${BATCH}.e1-${made++}`, record, 1n, batch);
  one.arrivedMs = arrivedMs;
  return one;
}

function arrive(works: readonly Work[], nowMs = 0): Work[] {
  const waiting: Work[] = [];
  for (const each of works) {
    waiting.push(each);
    overtake(waiting, nowMs);
  }
  return waiting;
}

test('a higher priority begins before lower ones of its tenant, and behind its equals', (t) => {
  const [low, first, second, highest] = [0, 5, 5, 9].map((priority) => work({ priority }));
  t.deepEqual(arrive([low, first, second, highest] as Work[]), [highest, first, second, low]);
});

test('others keep their places: of another queue or tenant, whatever their priority', (t) => {
  const [low, high] = [work({ tenant: 'a' }), work({ tenant: 'a', priority: 9 })];
  const others = [work({ tenant: 'b', priority: -9 }), work({ queue: 'r', tenant: 'a', priority: -9 })];
  t.deepEqual(arrive([low, ...others, high] as Work[]), [high, ...others, low]);
});

test('what has waited for a second is overtaken no more, nor is what is before it', (t) => {
  const [older, old, young, high] = [
    work({ arrivedMs: 500 }),
    work({ arrivedMs: 0 }),
    work({ arrivedMs: 500 }),
    work({ priority: 1, arrivedMs: OVERTAKEN_MS + 1 }),
  ];
  const waiting = [older, old, young, high];
  overtake(waiting, OVERTAKEN_MS + 1);
  t.deepEqual(waiting, [older, old, high, young]);
});

testProp(
  'each tenant has the same places as without priorities, and within them the higher ones first, then first come',
  [fc.array(fc.record({ tenant: fc.constantFrom('', 'a', 'b'), priority: fc.integer({ min: -9, max: 9 }) }))],
  (t, given) => {
    const works = given.map((each) => work(each));
    const waiting = arrive(works);
    t.deepEqual(
      waiting.map(({ tenant }) => tenant),
      works.map(({ tenant }) => tenant),
    );
    for (const tenant of ['', 'a', 'b']) {
      const sorted = works.filter((each) => each.tenant === tenant).sort((a, b) => b.priority - a.priority);
      t.deepEqual(
        waiting.filter((each) => each.tenant === tenant),
        sorted,
      );
    }
  },
);

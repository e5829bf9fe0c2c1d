import type { Plan } from '@drover/flow';
import test from 'ava';
import { layoutInputOf, neighbourOf, pathOf } from './graph.decide.js';
import { laidOut } from './layout.js';

const task = { kind: 'task', type: 'x', input: null } as const;
const PLAN: Pick<Plan, 'steps'> = {
  steps: {
    check: { ...task, labels: ['ok', 'odd'] },
    publish: {
      ...task,
      after: {
        any: [
          { step: 'check', is: 'ok' },
          { step: 'check', on: 'failed' },
        ],
      },
    },
    discard: { ...task, after: { all: [{ step: 'check', is: 'odd' }] } },
    tell: {
      ...task,
      after: { all: [{ step: 'publish' }, { any: [{ step: 'discard', on: 'ended' }, { step: 'publish' }] }] },
    },
  },
};

test('there is one arrow for each pair of steps, with the words of all its edges', (t) => {
  t.deepEqual(layoutInputOf(PLAN), {
    boxes: ['check', 'publish', 'discard', 'tell'],
    arrows: [
      { from: 'check', to: 'publish', isAny: true, label: 'ok, failed' },
      { from: 'check', to: 'discard', isAny: false, label: 'odd' },
      { from: 'publish', to: 'tell', isAny: false, label: '' },
      { from: 'discard', to: 'tell', isAny: false, label: 'ended' },
    ],
  });
});

test('boxes stand from left to right as they wait for each other, and none covers another', (t) => {
  const { boxes, arrows, width } = laidOut(layoutInputOf(PLAN));
  const x = (name: string): number => boxes.get(name)?.x ?? NaN;
  t.true(x('check') < x('publish') && x('publish') < x('tell') && x('tell') < width);
  t.is(x('publish'), x('discard'));
  t.true(Math.abs((boxes.get('publish')?.y ?? 0) - (boxes.get('discard')?.y ?? 0)) >= 60);
  t.true(arrows.every(({ points }) => points.length >= 2));
  t.deepEqual(
    arrows.map(({ labelAt }) => labelAt !== null),
    [true, true, false, true],
  );
});

test('arrow keys lead to the nearest box on that side', (t) => {
  const { boxes } = laidOut(layoutInputOf(PLAN));
  const one = neighbourOf(boxes, 'check', 'ArrowRight');
  t.true(one === 'publish' || one === 'discard');
  t.is(neighbourOf(boxes, 'check', 'ArrowLeft'), null);
  t.is(neighbourOf(boxes, 'tell', 'ArrowRight'), null);
  const vertical = [neighbourOf(boxes, 'publish', 'ArrowUp'), neighbourOf(boxes, 'publish', 'ArrowDown')];
  t.true(vertical.includes('discard'));
});

test('a line is straight between two points, and bends at those between', (t) => {
  t.is(
    pathOf([
      { x: 0, y: 0 },
      { x: 10, y: 0 },
    ]),
    'M0 0L10 0',
  );
  t.is(
    pathOf([
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 20 },
    ]),
    'M0 0Q10 0 10 10L10 20',
  );
  t.is(pathOf([]), '');
});

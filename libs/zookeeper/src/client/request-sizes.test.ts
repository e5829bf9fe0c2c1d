import test from 'ava';
import { RequestSizes } from './request-sizes.js';

const LARGE = 100_000;

/** Tries again on connection after connection, each closed on the request; how often until it is judged. */
function triesUntilJudged(sizes: RequestSizes, bytes: number): number {
  for (let tries = 1; tries < 10; tries++) {
    sizes.begin();
    if (sizes.closed([bytes]) === 0) return tries;
  }
  return Infinity;
}

test('three connections that are closed on a large request judge it, and it is refused from there on', (t) => {
  const sizes = new RequestSizes();
  t.is(triesUntilJudged(sizes, LARGE), 3);
  t.true(sizes.isRefused(LARGE));
  t.true(sizes.isRefused(LARGE + 1));
  t.false(sizes.isRefused(LARGE - 1));
});

test('small requests are never suspected, however often their connections are closed', (t) => {
  const sizes = new RequestSizes();
  t.is(triesUntilJudged(sizes, 1_000), Infinity);
  t.false(sizes.mustGoAlone(1_000));
});

test('servers that are killed again and again condemn nothing that is answered in between', (t) => {
  const sizes = new RequestSizes();
  for (let kills = 0; kills < 20; kills++) {
    sizes.begin();
    if (kills % 2 === 1) sizes.answered(LARGE);
    t.is(sizes.closed([LARGE]), -1);
  }
});

test('of several suspects those that are answered alone are cleared, and the other one is found', (t) => {
  const sizes = new RequestSizes();
  sizes.begin();
  t.is(sizes.closed([20_000, 50, LARGE]), -1);
  sizes.begin();
  t.true(sizes.mustGoAlone(20_000));
  sizes.answered(20_000);
  t.false(sizes.mustGoAlone(20_000));
  t.true(sizes.mustGoAlone(LARGE));
  t.is(sizes.closed([LARGE]), -1);
  sizes.begin();
  t.is(sizes.closed([LARGE]), 0);
  t.false(sizes.isRefused(20_000));
});

test('after a connection that was lost for another reason one may try again, and is judged at once', (t) => {
  const sizes = new RequestSizes();
  triesUntilJudged(sizes, LARGE);
  sizes.begin();
  sizes.closed([]);
  t.false(sizes.isRefused(LARGE));
  t.true(sizes.mustGoAlone(LARGE));
  sizes.begin();
  t.is(sizes.closed([LARGE]), 0);
});

test('a server that takes more than before ends all suspicion', (t) => {
  const sizes = new RequestSizes();
  triesUntilJudged(sizes, LARGE);
  sizes.lost();
  sizes.begin();
  sizes.answered(LARGE);
  t.false(sizes.mustGoAlone(2 * LARGE));
  t.is(triesUntilJudged(sizes, LARGE), 3);
});

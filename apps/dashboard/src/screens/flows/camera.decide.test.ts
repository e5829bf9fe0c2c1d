import test from 'ava';
import { firstLook, fitted, kept, showing, zoomed } from './camera.decide.js';

const ROOM = { width: 1_000, height: 500 };

test('all of a graph is shown in the middle, and a small one is not made larger', (t) => {
  t.deepEqual(fitted({ width: 200, height: 100 }, ROOM), { scale: 1, x: 400, y: 200 });
  const { scale, x } = fitted({ width: 1_904, height: 100 }, ROOM);
  t.is(scale, 0.5);
  t.is(x, 24);
});

test('the first look is at what matters, where names could not be read otherwise', (t) => {
  const whole = { width: 10_000, height: 400 };
  const { scale, x } = firstLook(whole, ROOM, { x: 5_000, y: 200 });
  t.is(scale, 0.8);
  t.is(5_000 * scale + x, 500, 'it is in the middle');
  t.deepEqual(firstLook({ width: 200, height: 100 }, ROOM, { x: 0, y: 0 }), fitted({ width: 200, height: 100 }, ROOM));
});

test('a zoom leaves the point under the pointer where it is, and has an end', (t) => {
  const camera = { x: 30, y: -20, scale: 1 };
  const near = zoomed(camera, 1.5, { x: 130, y: 80 });
  t.deepEqual([near.x + 100 * near.scale, near.y + 100 * near.scale], [130, 80]);
  t.is(zoomed(camera, 1_000, { x: 0, y: 0 }).scale, 2);
  t.is(zoomed(camera, 0.000_1, { x: 0, y: 0 }).scale, 0.05);
});

test('a graph cannot be pushed out of sight', (t) => {
  const whole = { width: 300, height: 200 };
  t.is(kept({ x: 9_000, y: 0, scale: 1 }, whole, ROOM).x, 952);
  t.is(kept({ x: -9_000, y: 0, scale: 1 }, whole, ROOM).x, -252);
});

test('a box that is reached by keys is brought into sight, and one that is seen stays', (t) => {
  const box = { width: 200, height: 60 };
  t.deepEqual(showing({ x: 0, y: 0, scale: 1 }, { ...box, x: 500, y: 200 }, ROOM), { x: 0, y: 0, scale: 1 });
  t.is(showing({ x: 0, y: 0, scale: 1 }, { ...box, x: 2_000, y: 200 }, ROOM).x, -1_124);
  t.is(showing({ x: -500, y: 0, scale: 1 }, { ...box, x: 200, y: 200 }, ROOM).x, -76);
});

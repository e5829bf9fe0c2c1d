import test from 'ava';
import { InvalidArgumentError } from '../errors.js';
import { parseNear } from './parse-near.js';
import { parsePrefer } from './parse-prefer.js';
import { parseApart, parseSpread, spreadFromText } from './parse-spread.js';
import { parseSticky } from './parse-sticky.js';

test('preferences are one or several, as objects or text', (t) => {
  const ssd = { where: [{ label: 'disk', op: 'in', values: ['ssd'] }], weight: 50 };
  t.deepEqual(parsePrefer('prefer', { where: { disk: 'ssd' } }), [ssd] as never);
  t.deepEqual(parsePrefer('prefer', 'disk=ssd:20;zone=a'), [
    { ...ssd, weight: 20 },
    { where: [{ label: 'zone', op: 'in', values: ['a'] }], weight: 50 },
  ] as never);
  t.is(parsePrefer('prefer', []), null);
  for (const given of [
    { where: {} },
    { where: { a: 'b' }, weight: 0 },
    { weight: 5 },
    5,
    Array(9).fill({ where: { a: 'b' } }),
  ])
    t.throws(() => parsePrefer('prefer', given), { instanceOf: InvalidArgumentError });
});

test('a spread is soft over the batch unless it says otherwise', (t) => {
  t.deepEqual(parseSpread('spread', 'zone'), { by: 'zone', over: 'batch', mode: 'soft', maxSkew: 1 });
  t.deepEqual(parseSpread('spread', spreadFromText('zone,over=key:42,mode=hard,maxSkew=2')), {
    ...{ by: 'zone', over: 'key:42', mode: 'hard', maxSkew: 2 },
  });
  t.deepEqual(parseSpread('spread', { by: 'zone', targets: { a: 60, b: 40 } }).targets, { a: 60, b: 40 });
  const wrong = [{}, { by: '' }, { by: 'z', over: 'all' }, { by: 'z', over: 'key:' }, { by: 'z', mode: 'strict' }];
  for (const given of [
    ...wrong,
    { by: 'z', maxSkew: 0 },
    { by: 'z', targets: {} },
    { by: 'z', targets: { a: 0 } },
    { by: 'z', x: 1 },
  ])
    t.throws(() => parseSpread('spread', given), { instanceOf: InvalidArgumentError });
  t.deepEqual(parseApart('apart', 'host'), { by: 'host', over: 'batch' });
  t.throws(() => parseApart('apart', { by: 'host', maxSkew: 1 }), { instanceOf: InvalidArgumentError });
});

test('places and sticky keys', (t) => {
  t.deepEqual(parseNear('near', 'host:h17, rack:r2,host:h17'), ['host:h17', 'rack:r2']);
  for (const given of ['h17', [':x'], ['host:'], [5], {}, Array.from({ length: 17 }, (_, n) => `host:${n}`)])
    t.throws(() => parseNear('near', given), { instanceOf: InvalidArgumentError });
  t.deepEqual(parseSticky('sticky', 'session-7'), { key: 'session-7', mode: 'soft', waitMs: 1_000 });
  t.deepEqual(parseSticky('sticky', { key: 'k', mode: 'hard', wait: '5s' }), { key: 'k', mode: 'hard', waitMs: 5_000 });
  for (const given of ['', 'x'.repeat(129), { mode: 'hard' }, { key: 'k', mode: 'firm' }, { key: 'k', wait: 'soon' }])
    t.throws(() => parseSticky('sticky', given), { instanceOf: InvalidArgumentError });
});

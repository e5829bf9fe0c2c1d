import test from 'ava';
import { Resources } from './resources.js';

const none = {};

test('the sum of what is taken stays within the capacity, and fits again when some is given back', (t) => {
  const resources = new Resources({ amounts: { cpu: 4_000, memory: 100 }, devices: {}, overcommit: {} });
  t.deepEqual(resources.take({ cpu: 1_500 }, none), {});
  t.deepEqual(resources.take({ cpu: 1_500, memory: 100 }, none), {});
  t.is(resources.take({ cpu: 1_500 }, none), null);
  t.is(resources.take({ memory: 1 }, none), null);
  t.deepEqual(resources.take({ cpu: 1_000 }, none), {});
  resources.giveBack({ cpu: 1_500, memory: 100 }, {});
  t.deepEqual(resources.take({ cpu: 1_500, memory: 100 }, none), {});
});

test('a demand above the whole capacity is told, of what is not there at all too', (t) => {
  const resources = new Resources({ amounts: { cpu: 2_000, memory: 2 ** 30 }, devices: {}, overcommit: { cpu: 1.5 } });
  t.is(resources.lacks({ cpu: 3_000, memory: 2 ** 30 }, none), null);
  t.is(resources.lacks({ cpu: 3_001 }, none), 'it needs cpu=3.001, this worker has 3');
  t.is(resources.lacks({ memory: 2 ** 31 }, none), 'it needs memory=2GiB, this worker has 1GiB');
  t.is(resources.lacks({ gpu: 1_000 }, none), 'it needs gpu=1, this worker has 0');
});

test('devices: halves share one, a whole one is alone, and parts are never of two', (t) => {
  const resources = new Resources({ amounts: { gpu: 2_000 }, devices: { gpu: ['a', 'b'] }, overcommit: {} });
  t.deepEqual(resources.take({ gpu: 500 }, none), { gpu: ['a'] });
  t.deepEqual(resources.take({ gpu: 333 }, none), { gpu: ['a'] });
  t.deepEqual(resources.take({ gpu: 500 }, none), { gpu: ['b'] });
  t.is(resources.take({ gpu: 1_000 }, none), null);
  t.deepEqual(resources.take({ gpu: 333 }, none), { gpu: ['b'] });
  t.is(resources.take({ gpu: 333 }, none), null);
  resources.giveBack({ gpu: 500 }, { gpu: ['a'] });
  resources.giveBack({ gpu: 333 }, { gpu: ['a'] });
  t.deepEqual(resources.take({ gpu: 1_000 }, none), { gpu: ['a'] });
});

test('a device that is held is not given to a second task, whatever the leader names', (t) => {
  const resources = new Resources({ amounts: { gpu: 3_000 }, devices: { gpu: ['0', '1', '2'] }, overcommit: {} });
  t.deepEqual(resources.take({ gpu: 2_000 }, { gpu: ['0', '2'] }), { gpu: ['0', '2'] });
  t.is(resources.take({ gpu: 1_000 }, { gpu: ['2'] }), null);
  t.is(resources.lacks({ gpu: 1_000 }, { gpu: ['2'] }), null);
  t.is(resources.take({ gpu: 1_000 }, { gpu: ['1', '1'] }), null);
  t.is(resources.take({ gpu: 1_000 }, { gpu: ['7'] }), null);
  t.regex(resources.lacks({ gpu: 1_000 }, { gpu: ['7'] }) ?? '', /device 7 of gpu, which this worker does not have/);
  t.deepEqual(resources.take({ gpu: 500 }, { gpu: ['1'] }), { gpu: ['1'] });
});

test('capacity that becomes less takes nothing away, and nothing begins until it fits', (t) => {
  const resources = new Resources({ amounts: { cpu: 4_000 }, devices: {}, overcommit: {} });
  resources.take({ cpu: 3_000 }, none);
  resources.declare({ amounts: { cpu: 2_000 }, devices: {}, overcommit: {} });
  t.is(resources.take({ cpu: 500 }, none), null);
  resources.giveBack({ cpu: 3_000 }, {});
  t.deepEqual(resources.take({ cpu: 2_000 }, none), {});
});

import test from 'ava';
import { check, fault, ran, start, submit, type Lines } from '../../test/lines.js';
import type { Effect, Operation } from '../history.js';

const HAS = { cpu: 4, gpu: 2 };
const at = (more: Partial<Effect>): Partial<Effect> => ({ has: HAS, life: 1, ...more });
const hold = (effects: readonly Effect[]) => check('workers are never over-subscribed', { effects });
const places = (lines: Lines) => check('tasks run where they ask to', lines);
const apart = (lines: Lines) => check('tasks stay apart', { faults: [], ...lines });

const three = { needs: { cpu: 1.5 } };

test('as much as a worker has is needed at a time; parts of a device, or whole ones', async (t) => {
  const effects = [
    ...ran('t0', 10, 100, at(three)),
    ...ran('t1', 20, 100, at(three)),
    ...ran('t2', 30, 100, at({ needs: { cpu: 1, gpu: 0.5 }, devices: { gpu: ['0'] } })),
    ...ran('t3', 30, 100, at({ needs: { gpu: 0.5 }, devices: { gpu: ['0'] } })),
    ...ran('t4', 30, 100, at({ needs: { gpu: 1 }, devices: { gpu: ['1'] } })),
    ...ran('t5', 100, 200, at({ needs: { gpu: 2, cpu: 4 }, devices: { gpu: ['0', '1'] } })),
  ];
  t.is((await hold(effects)).verdict, 'held');
  t.is((await hold(ran('t0', 10, 100))).verdict, 'not checked');
});

test('more than a worker has is broken, unless it began anew meanwhile', async (t) => {
  const both = [...ran('t0', 10, 100, at(three)), ...ran('t1', 20, 100, at(three))];
  t.is(
    (await hold([...both, ...ran('t2', 99, 120, at(three))])).first?.what,
    'worker w1/1: 3 tasks need cpu=4.5 together, it has 4',
  );
  t.is((await hold([...both, ...ran('t2', 99, 120, at({ ...three, life: 2 }))])).verdict, 'held');
  t.is(
    (await hold([start(10, 1, at({ needs: { disk: 1 } }))])).first?.what,
    'worker w1/1: 1 tasks need disk=1 together, it has 0',
  );
});

test('a device that two have, parts of two devices, and too few devices are broken', async (t) => {
  const one = (task: string, gpu: number, names: string[]) =>
    ran(task, 10, 100, at({ needs: { gpu }, devices: { gpu: names } }));
  t.is(
    (await hold([...one('t0', 1, ['0']), ...one('t1', 0.5, ['0'])])).first?.what,
    'worker w1/1: 2 tasks have 1.5 of the device 0 of gpu',
  );
  t.regex((await hold(one('t0', 0.5, ['0', '1']))).first?.what ?? '', /needs gpu=0.5 has the devices 0, 1/);
  t.regex((await hold(one('t0', 2, ['1', '1']))).first?.what ?? '', /needs gpu=2 has the devices 1, 1/);
});

test('a task begins where its conditions are met', async (t) => {
  const operations = submit(0, { where: [{ label: 'zone', op: 'in', values: ['a', 'b'] }] });
  const began = (zone: string) => [start(10, 1, { labels: { zone } })];
  t.is((await places({ operations, effects: began('b') })).verdict, 'held');
  t.is((await places({ operations, effects: [start(10)] })).verdict, 'not checked');
  t.is(
    (await places({ operations, effects: began('c') })).first?.what,
    'began at w1, which does not meet its condition on zone',
  );
});

test('tasks that are to be apart run beside each other only at different values of the label', async (t) => {
  const of = (task: string): Operation[] => submit(0, { task, apart: { by: 'host', group: 'g' } });
  const operations = [...of('t0'), ...of('t1')];
  const began = (hosts: [string, string], second = 50) => [
    ...ran('t0', 10, 100, { labels: { host: hosts[0] } }),
    ...ran('t1', second, 200, { labels: { host: hosts[1] }, worker: 'w2' }),
  ];
  t.is((await apart({ operations, effects: began(['h1', 'h2']) })).verdict, 'held');
  t.is((await apart({ operations, effects: began(['h1', 'h1'], 101) })).verdict, 'held');
  t.is((await apart({ operations, effects: began(['h1', 'h1']) })).first?.what, 'group g: t1 began at h1 beside t0');
  const faults = fault(1, 20, 30, { workers: ['w1'] });
  t.is((await apart({ operations, effects: began(['h1', 'h1']), faults })).verdict, 'held');
});

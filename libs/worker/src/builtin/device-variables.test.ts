import test from 'ava';
import { variablesOf } from './device-variables.js';

test('a program is told its devices', (t) => {
  t.deepEqual(variablesOf({}, false), {});
  t.deepEqual(variablesOf({ gpu: ['0', '3'], 'device.tape-1': ['/dev/st0'] }, false), {
    DROVER_DEVICES_GPU: '0,3',
    DROVER_DEVICES_DEVICE_TAPE_1: '/dev/st0',
  });
});

test('with CUDA it sees its own graphics processors, and none where it has none', (t) => {
  t.deepEqual(variablesOf({ gpu: ['1'] }, true), { DROVER_DEVICES_GPU: '1', CUDA_VISIBLE_DEVICES: '1' });
  t.deepEqual(variablesOf({}, true), { CUDA_VISIBLE_DEVICES: '' });
});

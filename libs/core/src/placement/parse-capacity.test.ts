import test from 'ava';
import { InvalidArgumentError } from '../errors.js';
import { parseCapacity } from './parse-capacity.js';

const parse = (given: unknown) => parseCapacity('resources', given);
const GIB = 2 ** 30;

test('amounts, devices with names and without, and the machine', (t) => {
  t.deepEqual(parse('cpu=8,memory=16GiB,gpu=2'), {
    amounts: { cpu: 8_000, gpu: 2_000, memory: 16 * GIB },
    devices: { gpu: ['0', '1'] },
    isAuto: false,
  });
  t.deepEqual(parse('gpu=0|1|4').devices, { gpu: ['0', '1', '4'] });
  t.deepEqual(parse('gpu=0|'), { amounts: { gpu: 1_000 }, devices: { gpu: ['0'] }, isAuto: false });
  t.deepEqual(parse('gpu=1').devices, { gpu: ['0'] });
  t.deepEqual(parse('tape=/dev/st0|/dev/st1').amounts, { tape: 2_000 });
  t.deepEqual(parse('auto'), { amounts: {}, devices: {}, isAuto: true });
  t.deepEqual(parse('auto, cpu=2'), { amounts: { cpu: 2_000 }, devices: {}, isAuto: true });
  t.deepEqual(parse('gpu=0'), { amounts: { gpu: 0 }, devices: {}, isAuto: false });
});

test('as an object, as a settings file has it', (t) => {
  t.deepEqual(parse({ cpu: 1.5, memory: '2GiB', gpu: [0, 'b'], auto: true }), {
    amounts: { cpu: 1_500, gpu: 2_000, memory: 2 * GIB },
    devices: { gpu: ['0', 'b'] },
    isAuto: true,
  });
});

test('nonsense is refused with what is expected', (t) => {
  const refused = (given: unknown, message: RegExp) =>
    t.throws(() => parse(given), { instanceOf: InvalidArgumentError, message }, JSON.stringify(given));
  refused('cpu=-1', /resources\.cpu: expected a number from 0 with three decimals at most/);
  refused('cpu=0.0001', /resources\.cpu/);
  refused('cpu=1e400', /resources\.cpu/);
  refused('memory=1.5', /resources\.memory: expected whole bytes/);
  refused('memory=8GB8', /resources\.memory/);
  refused('memory=8QiB', /resources\.memory/);
  refused('memory=9999999TiB', /resources\.memory/);
  refused('gpu=1.5', /resources\.gpu: expected whole devices, 64 at most/);
  refused('gpu=100000', /resources\.gpu: expected whole devices, 64 at most/);
  refused('gpu=0|0', /each device once/);
  refused('gpu=|', /names of devices/);
  refused('gpu=a b|c', /names of devices/);
  refused('slots=4', /as --concurrency/);
  refused('CPU=4', /the name of a resource/);
  refused('cpu=1,cpu=2', /'cpu' once/);
  refused('cpu', /amounts such as/);
  refused('', /amounts such as/);
  refused([], /amounts such as/);
  refused({ auto: 'yes' }, /true or false/);
  refused(Array.from({ length: 17 }, (_, at) => `r${at}=1`).join(','), /16 at most, got "17 resources"/);
});

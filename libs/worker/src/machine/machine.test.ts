import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { thisMachine } from './machine.js';
import { UseMeter } from './use.js';

const GIB = 2 ** 30;
const whole = () => ({ cpu: 8_000, memory: 32 * GIB });

/** Folders as the kernel has them, with these files. */
function machine(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'drover-machine-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return thisMachine({ cgroup: join(root, 'cgroup'), proc: join(root, 'proc') }, whole, own);
}

test('version 2: the least of all groups around the process', (t) => {
  const { capacity } = machine({
    'proc/self/cgroup': '0::/system.slice/drover.service',
    'cgroup/system.slice/drover.service/cpu.max': '250000 100000',
    'cgroup/system.slice/drover.service/memory.max': String(8 * GIB),
    'cgroup/system.slice/cpu.max': 'max 100000',
    'cgroup/system.slice/memory.max': String(4 * GIB),
  });
  t.deepEqual(capacity(), { cpu: 2_500, memory: 4 * GIB });
});

test('version 2 in a container: the folder that is mounted is its own', (t) => {
  const { capacity } = machine({
    'proc/self/cgroup': '0::/docker/4f1a',
    'cgroup/cpu.max': '50000 100000',
    'cgroup/memory.max': 'max',
  });
  t.deepEqual(capacity(), { cpu: 500, memory: 32 * GIB });
});

test('version 1: quota by period, and a bound beyond any memory is none', (t) => {
  const files = {
    'proc/self/cgroup': '4:memory:/pods/a\n2:cpu,cpuacct:/pods/a\n0::/',
    'cgroup/cpu,cpuacct/pods/a/cpu.cfs_quota_us': '150000',
    'cgroup/cpu,cpuacct/pods/a/cpu.cfs_period_us': '100000',
    'cgroup/cpu,cpuacct/pods/cpu.cfs_quota_us': '-1',
    'cgroup/cpu,cpuacct/pods/cpu.cfs_period_us': '100000',
    'cgroup/memory/pods/a/memory.limit_in_bytes': '9223372036854771712',
    'cgroup/unified/cgroup.procs': '',
  };
  t.deepEqual(machine(files).capacity(), { cpu: 1_500, memory: 32 * GIB });
  const bounded = machine({ ...files, 'cgroup/memory/pods/memory.limit_in_bytes': String(2 * GIB) });
  t.deepEqual(bounded.capacity(), { cpu: 1_500, memory: 2 * GIB });
});

test('without groups, with garbage, and beyond what the machine has: the machine', (t) => {
  t.deepEqual(machine({}).capacity(), whole());
  const garbage = { 'proc/self/cgroup': '0::/', 'cgroup/cpu.max': 'x y', 'cgroup/memory.max': '' };
  t.deepEqual(machine(garbage).capacity(), whole());
  const wide = {
    'proc/self/cgroup': '0::/',
    'cgroup/cpu.max': '6400000 100000',
    'cgroup/memory.max': String(64 * GIB),
  };
  t.deepEqual(machine(wide).capacity(), whole());
});

test('load: of the group where its memory is bounded, without what can be had back', (t) => {
  const { load } = machine({
    'proc/self/cgroup': '0::/a',
    'proc/loadavg': '1.25 0.9 0.8 1/234 5678',
    'cgroup/a/memory.max': String(4 * GIB),
    'cgroup/a/memory.current': String(3 * GIB),
    'cgroup/a/memory.stat': `anon 5\ninactive_file ${GIB}\nactive_file 7`,
    'cgroup/a/memory.pressure':
      'some avg10=12.50 avg60=1.00 avg300=0.10 total=9\nfull avg10=3.00 avg60=0 avg300=0 total=1',
  });
  t.deepEqual(load(), { memory: 0.5, stalled: 0.125, load: 1.25 });
});

test('load: of version 1, and of the machine', (t) => {
  const v1 = machine({
    'proc/self/cgroup': '4:memory:/a',
    'proc/loadavg': '0.50 0.9 0.8 1/234 5678',
    'cgroup/memory/a/memory.limit_in_bytes': String(4 * GIB),
    'cgroup/memory/a/memory.usage_in_bytes': String(2 * GIB),
    'cgroup/memory/a/memory.stat': `total_inactive_file ${GIB}`,
  });
  t.deepEqual(v1.load(), { memory: 0.25, stalled: null, load: 0.5 });
  const own = machine({
    'proc/meminfo': 'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB',
    'proc/loadavg': '3.00 1 1 1/1 1',
    'proc/pressure/memory': 'some avg10=40.00 avg60=0.00 avg300=0.00 total=0',
  });
  t.deepEqual(own.load(), { memory: 0.6, stalled: 0.4, load: 3 });
});

test('this machine, for real', (t) => {
  const { cpu, memory } = thisMachine().capacity();
  t.true(cpu >= 1 && cpu <= availableParallelism() * 1_000, String(cpu));
  t.true(memory > 2 ** 20 && memory <= totalmem(), String(memory));
  const load = thisMachine().load();
  t.true(load.memory === null || (load.memory >= 0 && load.memory <= 1.5), String(load.memory));
});

const own = { cpuMs: () => 1_000, memory: () => 50 };

test('use: of the control group where it is bounded, of version 2 and of version 1', (t) => {
  const v2 = machine({
    'proc/self/cgroup': '0::/a',
    'cgroup/a/cpu.max': '200000 100000',
    'cgroup/a/memory.max': String(4 * GIB),
    'cgroup/a/cpu.stat': 'usage_usec 7500000\nuser_usec 5000000',
    'cgroup/a/memory.current': String(3 * GIB),
    'cgroup/a/memory.stat': `inactive_file ${GIB}`,
  });
  t.deepEqual(v2.use(), { cpuMs: 7_500, memory: 2 * GIB });
  const v1 = machine({
    'proc/self/cgroup': '4:memory:/a\n3:cpu,cpuacct:/a',
    'cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '200000',
    'cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000',
    'cgroup/cpu,cpuacct/a/cpuacct.usage': '2500000000',
    'cgroup/memory/a/memory.limit_in_bytes': String(4 * GIB),
    'cgroup/memory/a/memory.usage_in_bytes': String(2 * GIB),
  });
  t.deepEqual(v1.use(), { cpuMs: 2_500, memory: 2 * GIB });
});

test('use: without a bound of the process and of those that it has started, with what has ended', (t) => {
  const stat = (name: string, own: number, ended: number) =>
    `7 (${name}) S 1 7 7 0 -1 0 0 0 0 0 ${own} ${own} ${ended} ${ended} 20 0 1`;
  const { use } = machine({
    'proc/self/stat': stat('node', 9_999, 5),
    'proc/self/task/7/children': '11',
    'proc/self/task/8/children': '12 ',
    'proc/11/stat': stat('odd ) name', 20, 1),
    'proc/11/status': 'Name:\tx\nVmRSS:\t     3 kB',
    'proc/11/task/11/children': '13',
    'proc/13/stat': stat('sh', 1, 0),
    'proc/13/status': 'VmRSS:\t 1 kB',
  });
  t.deepEqual(use(), { cpuMs: 1_000 + 10 * (10 + 40 + 2 + 2), memory: 50 + 4 * 1_024 });
});

test('a meter tells of what is declared: memory as of now, processors on average since it told before', (t) => {
  let use = { cpuMs: 10_000, memory: 5 };
  let now = 0;
  const meter = new UseMeter(
    () => use,
    () => now,
  );
  t.is(meter.look({ gpu: 1 }), undefined);
  t.deepEqual(meter.look({ cpu: 4_000, memory: 100 }), { memory: 5 });
  [use, now] = [{ cpuMs: 14_000, memory: 7 }, 2_000];
  t.deepEqual(meter.look({ cpu: 4_000, memory: 100 }), { cpu: 2_000, memory: 7 });
  [use, now] = [{ cpuMs: 14_400, memory: 6 }, 2_500];
  t.deepEqual(meter.look({ cpu: 4_000 }), { cpu: 2_000 });
  now = 6_000;
  t.deepEqual(meter.look({ cpu: 4_000, memory: 100 }), { cpu: 100, memory: 6 });
});

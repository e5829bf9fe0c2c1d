#!/usr/bin/env node
// How many requests a second one handle moves, and what each costs this process.
//   node libs/zookeeper/bench/requests.mjs --zk HOST:PORT [--requests 100000] [--inflight 500]
// It works below a root of its own, which it removes; one JSON line for each kind of request. Build first.
import { parseArgs } from 'node:util';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';

const { values: args } = parseArgs({
  options: {
    zk: { type: 'string' },
    requests: { type: 'string', default: '100000' },
    inflight: { type: 'string', default: '500' },
  },
});
if (args.zk === undefined) {
  console.error('usage: requests.mjs --zk HOST:PORT [--requests 100000] [--inflight 500]');
  process.exit(2);
}
const requests = Number(args.requests);
const inFlight = Number(args.inflight);
const root = `/bench-${Date.now().toString(36)}`;
const zk = connectZooKeeper({ connect: args.zk, runtime: systemRuntime });

/** So many callers, each with one request at a time. */
async function measure(request, count, callers, make) {
  const cpu = process.cpuUsage();
  const since = performance.now();
  let next = 0;
  const caller = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - since) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMicroseconds = Number(((user + system) / count).toFixed(1));
  console.log(JSON.stringify({ request, perSecond: Math.round(count / seconds), cpuMicroseconds }));
}

const small = Buffer.alloc(100, 'x');
const large = Buffer.alloc(64 * 1024, 'x');
const writes = Math.ceil(requests / 5);
const batches = Math.ceil(requests / 250);

await zk.create(root, small);
await measure('get 100 B', requests, inFlight, () => zk.get(root));
await measure('set 100 B', writes, inFlight, () => zk.set(root, small));
await measure('create', writes, inFlight, (i) => zk.create(`${root}/s${i}`, small));
await measure('delete', writes, inFlight, (i) => zk.delete(`${root}/s${i}`));
await measure('create 64 KiB', batches, 32, (i) => zk.create(`${root}/l${i}`, large));
await measure('get 64 KiB', batches * 5, 32, (i) => zk.get(`${root}/l${i % batches}`));
await measure('delete 64 KiB', batches, 32, (i) => zk.delete(`${root}/l${i}`));
await zk.delete(root);
await zk.close();

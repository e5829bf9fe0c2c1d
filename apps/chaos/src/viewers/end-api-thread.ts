/**
 * Loaded into each scheduler of a run with viewers, before its program: at SIGUSR2 the thread of its API dies, each time in
 * another way. Drover itself has no such door.
 */
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const CHANNEL = 'drover chaos: the thread of the API ends';
const WAYS = ['exit', 'throw', 'memory'] as const;
type Way = (typeof WAYS)[number];

const channel = new BroadcastChannel(CHANNEL);
if (isMainThread) {
  let times = 0;
  process.on('SIGUSR2', () => channel.postMessage(WAYS[times++ % WAYS.length]));
} else {
  channel.onmessage = (event) => die((event as { data: Way }).data);
}
// Neither keeps its thread alive.
channel.unref();

function die(way: Way): void {
  if (way === 'exit') process.exit(3);
  if (way === 'throw') throw new Error('the thread of the API dies, as it should');
  const held: unknown[] = [];
  for (;;) held.push(new Array<string>(1_000).fill(String(held.length)));
}

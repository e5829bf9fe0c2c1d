import type { QueueView } from '@drover/client';
import { ManualRuntime } from '@drover/testing';
import test from 'ava';
import { Members } from './members.js';

/** Readings of queues that end when the test says so; `begun` counts them. */
function world() {
  const runtime = new ManualRuntime();
  const readings: ((value: QueueView[]) => void)[] = [];
  const drover = { queues: () => new Promise<QueueView[]>((resolve) => readings.push(resolve)) };
  // No watches stand: what is read grows old.
  const session = { state: 'suspended', incarnation: 0, onState: () => () => undefined };
  return { runtime, readings, members: new Members(drover as never, session as never, runtime) };
}
const named = (name: string): QueueView[] => [{ name } as QueueView];

test('one reading serves all viewers, until it is old', async (t) => {
  const { runtime, readings, members } = world();
  const asked = [members.queues(), members.queues()];
  readings[0]?.(named('a'));
  for (const answer of await Promise.all(asked)) t.is(answer.value[0]?.name, 'a');
  await runtime.advance(4_999);
  t.is((await members.queues()).value[0]?.name, 'a');
  t.is(readings.length, 1);
});

test('whoever has changed something sees no reading that began before', async (t) => {
  const { runtime, readings, members } = world();
  const before = members.queues();
  await runtime.advance(1);
  members.acted();
  await runtime.advance(1);
  const after = members.queues();
  readings[0]?.(named('old'));
  t.is((await before).value[0]?.name, 'old');
  await Promise.resolve();
  for (let turn = 0; turn < 10 && readings.length < 2; turn++) await Promise.resolve();
  t.is(readings.length, 2, 'it is read anew once the reading that was under way has ended');
  readings[1]?.(named('new'));
  t.is((await after).value[0]?.name, 'new');
  t.is((await members.queues()).value[0]?.name, 'new');
  t.is(readings.length, 2);
});

test('beside the counts of the leader those in the znodes may be older, and lists of members may not', async (t) => {
  const runtime = new ManualRuntime();
  const watched = new Map<string, { event: (event: { type: string }) => void }>();
  const zk = { watch: (path: string, _kind: string, told: never) => Promise.resolve(void watched.set(path, told)) };
  const session = { zk, state: 'connected', incarnation: 1, onState: () => () => undefined };
  let readings = 0;
  const drover = { status: () => Promise.resolve({ reading: ++readings }) };
  const members = new Members(drover as never, session as never, runtime);
  const asked = async (besideCounters: boolean): Promise<number> => {
    await members.status({ besideCounters });
    return readings;
  };
  const told = async (path: string): Promise<void> => {
    await runtime.advance(1);
    watched.get(path)?.event({ type: 'created' });
  };
  await runtime.advance(1);
  t.is(await asked(true), 1);
  await told('/status');
  await runtime.advance(5_000);
  t.is(await asked(true), 1, 'only counts were written, and the leader tells newer ones');
  t.is(await asked(false), 2);
  await told('/status');
  await runtime.advance(20_000);
  t.is(await asked(true), 3);
  await told('/workers');
  await runtime.advance(500);
  t.is(await asked(true), 4, 'somebody came or went');
});

import test from 'ava';
import { isZooKeeperError, ZooKeeperError, type Outcome } from '../errors.js';
import { Frames } from './framing.js';
import { Pipeline } from './pipeline.js';
import type { Call, PendingRequest, RequestType } from './request.js';
import { PacketReader } from './wire/reader.js';

const ECHO: RequestType<{ data: string }, string> = {
  name: 'echo',
  opcode: 99,
  encode: (writer, { data }) => writer.string(data),
  decode: (reader) => reader.string(),
};

function call(data: string): Call<{ data: string }, string> {
  return { type: ECHO, args: { data }, path: '/p', serverPath: '/p', watcher: undefined };
}

/** xid and text of each packet. */
function packets(output: readonly Buffer[]): [number, string][] {
  const frames = new Frames();
  for (const chunk of output) frames.push(chunk);
  const found: [number, string][] = [];
  const reader = new PacketReader();
  while (frames.next()) {
    reader.reset(frames.bytes, frames.start, frames.end);
    const xid = reader.int();
    reader.int();
    found.push([xid, reader.string()]);
  }
  return found;
}

const lost = (request: PendingRequest, outcome: Outcome): ZooKeeperError =>
  new ZooKeeperError({ code: 'CONNECTION_LOSS', op: request.type.name, outcome });

/** Collects how each promise ends, in the order in which they end. */
function endings(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const ended: string[] = [];
  return Promise.all(
    promises.map((promise, i) =>
      promise.then(
        () => ended.push(`${i} answered`),
        (error: unknown) => ended.push(isZooKeeperError(error) ? `${i} ${error.code} ${error.outcome}` : `${i} failed`),
      ),
    ),
  ).then(() => ended);
}

test('requests leave in the order of the calls, each with the next transaction id', (t) => {
  const pipeline = new Pipeline({ requests: 10, bytes: 1_000 });
  for (const text of ['a', 'b', 'c']) void pipeline.add(call(text), false, 0);
  t.deepEqual(packets(pipeline.takeOutput()), [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
});

test('after 2^31 - 1 comes 1: the ids below are the protocol’s own', (t) => {
  const pipeline = new Pipeline({ requests: 10, bytes: 1_000 }, 0x7fff_fffe);
  for (const text of ['a', 'b', 'c']) void pipeline.add(call(text), false, 0);
  t.deepEqual(
    packets(pipeline.takeOutput()).map(([xid]) => xid),
    [0x7fff_fffe, 0x7fff_ffff, 1],
  );
});

test('a full window holds requests back, and an answer lets the next go', (t) => {
  const pipeline = new Pipeline({ requests: 2, bytes: 1_000 });
  for (const text of ['a', 'b', 'c', 'd']) void pipeline.add(call(text), false, 0);
  t.is(packets(pipeline.takeOutput()).length, 2);
  t.false(pipeline.fill(1));
  pipeline.answered(0);
  t.true(pipeline.fill(7));
  t.deepEqual(packets(pipeline.takeOutput()), [[3, 'c']]);
  pipeline.answered(0);
  t.is(pipeline.next()?.sentMs, 7);
});

test('the window opens while answers are quick, and closes while they are slow', (t) => {
  const pipeline = new Pipeline({ requests: 1_000, bytes: 1_000_000 });
  pipeline.restart(6_000);
  for (let i = 0; i < 5_000; i++) void pipeline.add(call(''), false, 0);
  /** How many are in flight, after each of those was answered within `tookMs`. */
  const answerAll = (sentMs: number, tookMs: number): number => {
    const inFlight = packets(pipeline.takeOutput()).length;
    for (let i = 0; i < inFlight; i++) pipeline.answered(sentMs + tookMs);
    pipeline.fill(sentMs + tookMs);
    return inFlight;
  };
  t.deepEqual([answerAll(0, 10), answerAll(10, 10), answerAll(20, 10)], [100, 200, 400]);
  t.is(answerAll(30, 600), 800, 'neither quick nor slow');
  t.is(answerAll(630, 2_000), 800, 'each of them slow');
  t.is(answerAll(2_630, 10), 10, 'so few are left');
  pipeline.restart(6_000);
  pipeline.fill(2_640);
  t.is(answerAll(2_640, 10), 100, 'a new connection begins anew');
});

test('a request that is larger than the whole window goes alone', (t) => {
  const pipeline = new Pipeline({ requests: 10, bytes: 100 });
  void pipeline.add(call('x'.repeat(1_000)), false, 0);
  void pipeline.add(call('b'), false, 0);
  t.is(packets(pipeline.takeOutput()).length, 1);
  pipeline.answered(0);
  pipeline.fill(0);
  t.deepEqual(packets(pipeline.takeOutput()), [[2, 'b']]);
});

test('nothing overtakes a request that waits', (t) => {
  const pipeline = new Pipeline({ requests: 10, bytes: 1_000 });
  void pipeline.add(call('held'), true, 0);
  void pipeline.add(call('later'), false, 0);
  t.deepEqual(packets(pipeline.takeOutput()), []);
  pipeline.fill(0);
  t.deepEqual(
    packets(pipeline.takeOutput()).map(([, text]) => text),
    ['held', 'later'],
  );
});

test('all that fails, fails in the order of the calls, and only what was written is in doubt', async (t) => {
  const pipeline = new Pipeline({ requests: 3, bytes: 1_000 });
  const written = [pipeline.add(call('a'), false, 0), pipeline.add(call('b'), false, 0)];
  pipeline.takeOutput();
  const rest = [pipeline.add(call('encoded'), false, 0), pipeline.add(call('waiting'), false, 0)];
  const ended = endings([...written, ...rest]);
  pipeline.failAll(lost);
  t.deepEqual(await ended, [
    '0 CONNECTION_LOSS unknown',
    '1 CONNECTION_LOSS unknown',
    '2 CONNECTION_LOSS not-applied',
    '3 CONNECTION_LOSS not-applied',
  ]);
  t.deepEqual(pipeline.takeOutput(), []);
  t.true(pipeline.idle);
});

test('a request that cannot be sent is refused alone; those beside it are whole', async (t) => {
  const pipeline = new Pipeline({ requests: 10, bytes: 10_000_000 });
  void pipeline.add(call('before'), false, 0);
  const tooLarge = await t.throwsAsync(pipeline.add(call('x'.repeat(1_048_576)), false, 0));
  const noText = await t.throwsAsync(pipeline.add(call(7 as unknown as string), false, 0));
  void pipeline.add(call('after'), false, 0);
  t.like(tooLarge, { code: 'REQUEST_TOO_LARGE', outcome: 'not-applied', path: '/p', op: 'echo' });
  t.like(noText, { code: 'BAD_ARGUMENTS', outcome: 'not-applied' });
  t.deepEqual(packets(pipeline.takeOutput()), [
    [1, 'before'],
    [2, 'after'],
  ]);
});

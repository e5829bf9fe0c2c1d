import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { CallerErrors } from './caller-errors.js';
import type { Connection } from './connection.js';
import { Frames } from './framing.js';
import { Chroot } from './paths.js';
import { DEFAULT_WINDOW, Pipeline } from './pipeline.js';
import { PACKETS_A_TURN, Replies } from './replies.js';
import { Watches } from './watches.js';
import { EVENT_TYPE, XID } from './wire/opcodes.js';
import { PacketWriter } from './wire/writer.js';

function eventPacket(path: string): Buffer {
  const writer = new PacketWriter();
  writer.begin();
  for (const int of [XID.event, -1, -1, 0, EVENT_TYPE.created, 3]) writer.int(int);
  writer.string(path);
  writer.end();
  return Buffer.concat(writer.take());
}

/** Replies on a connection whose listener takes up what has come; the test lets turns of the event loop end. */
function world() {
  const turns: (() => void)[] = [];
  const watches = new Watches(new Chroot(''), new CallerErrors(() => undefined));
  const seen: string[] = [];
  watches.begin('/', 'recursive');
  watches.added('/', 'recursive', { event: ({ path }) => seen.push(path), reset: () => undefined });
  const runtime = { ...systemRuntime, soon: (callback: () => void) => void turns.push(callback) };
  const answers = { authAnswered: () => undefined, rewatched: () => undefined };
  const replies = new Replies(runtime, new Pipeline(DEFAULT_WINDOW), watches, answers);
  const connection: Connection = {
    address: { host: 'h', address: '127.0.0.1', port: 1 },
    frames: new Frames(),
    listener: { opened: () => undefined, received: () => void replies.process(0), lost: () => undefined },
    isGone: false,
    write: () => undefined,
    destroy: () => undefined,
  };
  replies.begin(connection, 0);
  const endTurn = (): void => {
    for (const callback of turns.splice(0)) callback();
  };
  return { replies, connection, seen, endTurn };
}

test('however much has come, a turn of the event loop takes up so much of it, in order, and the next goes on', (t) => {
  const { replies, connection, seen, endTurn } = world();
  const paths = Array.from({ length: 3 * PACKETS_A_TURN }, (_, n) => `/n${n}`);
  connection.frames.push(Buffer.concat(paths.map(eventPacket)));
  replies.process(0);
  let turns = 1;
  for (; replies.behind; turns++) {
    t.true(seen.length <= turns * PACKETS_A_TURN);
    // Further input within the same turn does not raise the bound of the turn.
    connection.listener.received();
    t.true(seen.length <= turns * PACKETS_A_TURN);
    endTurn();
  }
  t.deepEqual(seen, paths);
  t.true(turns >= 3);
});

test('little input is taken up at once, turn after turn', (t) => {
  const { replies, connection, seen, endTurn } = world();
  for (let n = 0; n < 5 * PACKETS_A_TURN; n++) {
    connection.frames.push(eventPacket(`/n${n}`));
    t.true(replies.process(0));
    t.is(seen.length, n + 1);
    t.false(replies.behind);
    endTurn();
  }
});

test('a new connection begins anew, whatever was left of the one before', (t) => {
  const { replies, connection, seen, endTurn } = world();
  connection.frames.push(Buffer.concat(Array.from({ length: 2 * PACKETS_A_TURN }, () => eventPacket('/old'))));
  replies.process(0);
  t.true(replies.behind);
  const next = { ...connection, frames: new Frames() };
  replies.begin(next, 0);
  endTurn();
  const before = seen.length;
  next.frames.push(eventPacket('/new'));
  replies.process(0);
  t.deepEqual(seen.slice(before), ['/new']);
});

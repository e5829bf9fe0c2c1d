import { OPCODE, PacketWriter, writeAcl, XID } from '@drover/zookeeper/wire';
import type { ZooKeeper } from '@drover/zookeeper';

type Write = (writer: PacketWriter) => void;

interface Exchange {
  /** One call of the port: one request. */
  ask: (zk: ZooKeeper) => Promise<unknown>;
  /** The body of a server's answer, behind the header. */
  answer: Write;
  /** The error in the header. */
  code?: number;
}

const OPEN = [{ permissions: 31, scheme: 'world', id: 'anyone' }];
const NO_NODE = -101;
const nothing: Write = () => undefined;

const stat: Write = (writer) => {
  for (let field = 0; field < 4; field++) writer.long(7n);
  for (let field = 0; field < 3; field++) writer.int(3);
  writer.long(0n);
  writer.int(4);
  writer.int(2);
  writer.long(7n);
};
const znode: Write = (writer) => {
  writer.data(Buffer.from('{"v":1}'));
  stat(writer);
};
/** Results of a multi: a header before each, and one that ends the list. */
const results =
  (...each: readonly [type: number, body: Write][]): Write =>
  (writer) => {
    for (const [type, body] of [...each, [-1, nothing] as const]) {
      writer.int(type);
      writer.bool(body === nothing && type === -1);
      writer.int(type === OPCODE.error ? -1 : 0);
      body(writer);
    }
  };
const text =
  (value: string): Write =>
  (writer) =>
    writer.string(value);
const code =
  (value: number): Write =>
  (writer) =>
    writer.int(value);

/** Every request that the port can make, in the order in which it is made here, and a good answer to each. */
export const EXCHANGES: readonly Exchange[] = [
  { ask: (zk) => zk.create('/a', 'x'), answer: text('/root/a') },
  { ask: (zk) => zk.create('/c', '', { mode: 'container' }), answer: text('/root/c') },
  { ask: (zk) => zk.get('/a', () => undefined), answer: znode },
  { ask: (zk) => zk.get('/none'), answer: nothing, code: NO_NODE },
  { ask: (zk) => zk.exists('/a'), answer: stat },
  { ask: (zk) => zk.exists('/none', () => undefined), answer: nothing, code: NO_NODE },
  { ask: (zk) => zk.children('/'), answer: (writer) => writer.strings(['a', 'c']) },
  { ask: (zk) => zk.set('/a', 'y', 0), answer: stat },
  { ask: (zk) => zk.delete('/c'), answer: nothing },
  { ask: (zk) => zk.sync('/'), answer: text('/root') },
  {
    ask: (zk) =>
      zk.multi([
        { op: 'check', path: '/a', version: 1 },
        { op: 'create', path: '/b' },
        { op: 'set', path: '/a', data: 'z' },
        { op: 'delete', path: '/b' },
      ]),
    answer: results(
      [OPCODE.check, nothing],
      [OPCODE.create, text('/root/b')],
      [OPCODE.setData, stat],
      [OPCODE.delete, nothing],
    ),
  },
  {
    ask: (zk) =>
      zk.multi([
        { op: 'delete', path: '/b' },
        { op: 'delete', path: '/c' },
      ]),
    answer: results([OPCODE.error, code(0)], [OPCODE.error, code(NO_NODE)]),
    code: 0,
  },
  {
    ask: (zk) =>
      zk.multiRead([
        { op: 'get', path: '/a' },
        { op: 'children', path: '/' },
        { op: 'get', path: '/none' },
      ]),
    answer: results(
      [OPCODE.getData, znode],
      [OPCODE.getChildren, (writer) => writer.strings(['a'])],
      [OPCODE.error, code(NO_NODE)],
    ),
  },
  {
    ask: (zk) => zk.watch('/a', 'recursive', { event: () => undefined, reset: () => undefined }),
    answer: nothing,
  },
  { ask: (zk) => zk.ephemerals(), answer: (writer) => writer.strings(['/root/e', '/elsewhere']) },
  { ask: (zk) => zk.countDescendants('/'), answer: code(12) },
  {
    ask: (zk) => zk.acl('/a'),
    answer: (writer) => {
      writeAcl(writer, OPEN);
      stat(writer);
    },
  },
  { ask: (zk) => zk.setAcl('/a', OPEN), answer: stat },
  {
    ask: (zk) => zk.whoAmI(),
    answer: (writer) => {
      writer.int(1);
      writer.string('ip');
      writer.string('127.0.0.1');
    },
  },
];

/** Replies to all of them, with events of watches and answers to packets of the session's own between them. */
export function goodReplies(): Buffer {
  const writer = new PacketWriter();
  for (const [index, { answer, code: error = 0 }] of EXCHANGES.entries()) {
    reply(writer, index + 1, error, answer);
    if (index % 4 === 2) reply(writer, XID.event, 0, event(1 + (index % 4), '/root/a'));
  }
  reply(writer, XID.ping, 0, nothing);
  reply(writer, XID.auth, 0, nothing);
  reply(writer, XID.event, 0, event(2, '/root/a/b'));
  return Buffer.concat(writer.take());
}

/** `sessionTimeoutMs`: what the server grants. */
export function goodHandshake(): Buffer {
  const writer = new PacketWriter();
  writer.begin();
  writer.int(0);
  writer.int(10_000);
  writer.long(77n);
  writer.data(Buffer.alloc(16, 1));
  writer.bool(false);
  writer.end();
  return Buffer.concat(writer.take());
}

function reply(writer: PacketWriter, xid: number, error: number, body: Write): void {
  writer.begin();
  writer.int(xid);
  writer.long(9n);
  writer.int(error);
  body(writer);
  writer.end();
}

const event =
  (type: number, path: string): Write =>
  (writer) => {
    writer.int(type);
    writer.int(3);
    writer.string(path);
  };

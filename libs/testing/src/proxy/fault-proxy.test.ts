import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { FaultProxy } from './fault-proxy.js';
import { FrameSplitter } from './frame-splitter.js';
import { withError } from './proxy-frame.js';

/** Resolves at the end of `socket`, whether it was reset or not. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

const framed = (body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const handshake = framed(Buffer.alloc(44));
const request = (xid: number, op: number, size = 0): Buffer => {
  const body = Buffer.alloc(8 + size);
  body.writeInt32BE(xid, 0);
  body.writeInt32BE(op, 4);
  return framed(body);
};

/** A server that answers each frame: the handshake with a session, others with a header and `payload`. */
async function answering(t: ExecutionContext, payload = 40): Promise<{ address: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const splitter = new FrameSplitter();
    let first = true;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) {
        const body = Buffer.alloc(first ? 37 : 16 + payload);
        if (first) {
          body.writeInt32BE(2000, 4);
          body.writeBigInt64BE(77n, 8);
          body.writeInt32BE(16, 16);
        } else body.writeInt32BE(frame.readInt32BE(4), 0);
        first = false;
        socket.write(framed(body));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

async function through(t: ExecutionContext, proxy: FaultProxy) {
  t.teardown(() => proxy.stop());
  const socket = connect({ port: proxy.port, host: '127.0.0.1', noDelay: true });
  t.teardown(() => socket.destroy());
  const splitter = new FrameSplitter();
  const frames: Buffer[] = [];
  const wakers: (() => void)[] = [];
  let reads = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    reads++;
    frames.push(...splitter.push(chunk));
    for (const wake of wakers.splice(0)) wake();
  });
  await once(socket, 'connect');
  const next = async (): Promise<Buffer> => {
    while (frames.length === 0) await new Promise<void>((resolve) => wakers.push(resolve));
    return frames.shift() ?? Buffer.alloc(0);
  };
  return { socket, next, frames, reads: () => reads };
}

test('frames pass unchanged, are counted and named, and the session is known', async (t) => {
  const { address } = await answering(t);
  const proxy = await FaultProxy.start(address);
  const client = await through(t, proxy);
  client.socket.write(Buffer.concat([handshake, request(1, 4), request(-2, 11)]));
  await client.next();
  t.is((await client.next()).readInt32BE(4), 1);
  t.is((await client.next()).readInt32BE(4), -2);
  t.deepEqual(proxy.seen.map(({ direction, op }) => `${direction} ${op}`).sort(), [
    'reply connect',
    'reply get',
    'reply ping',
    'request connect',
    'request get',
    'request ping',
  ]);
  t.is(proxy.sessions[0]?.sessionId, 77n);
  t.is(proxy.sessions[0]?.timeoutMs, 2000);
  t.is(proxy.accepted, 1);
});

test('a black hole swallows until it heals; connections stay open', async (t) => {
  const { address, sockets } = await answering(t);
  const proxy = await FaultProxy.start(address);
  const client = await through(t, proxy);
  client.socket.write(handshake);
  await client.next();
  proxy.blackHole('to-client');
  const arrived = proxy.once((frame) => frame.direction === 'reply' && frame.xid === 5);
  client.socket.write(request(5, 4));
  await arrived;
  t.is(client.frames.length, 0);
  t.is(proxy.open, 1);
  proxy.blackHole('none');
  t.is((await client.next()).readInt32BE(4), 5);

  proxy.blackHole('both');
  client.socket.destroy();
  await closed(client.socket);
  t.false(sockets[0]?.readableEnded, 'the server must not learn of the close across a partition');
  const [server] = sockets;
  if (server === undefined) throw new Error('the server accepted no connection');
  const gone = closed(server);
  proxy.blackHole('none');
  await gone;
  t.pass();
});

test('a reply can be replaced, dropped, or cut in the middle', async (t) => {
  const { address } = await answering(t);
  const proxy = await FaultProxy.start(address);
  const client = await through(t, proxy);
  const reply = (xid: number) => (frame: { direction: string; xid: number }) =>
    frame.direction === 'reply' && frame.xid === xid;
  void proxy.once(reply(1), (frame) => withError(frame, -127));
  void proxy.once(reply(2), () => 'drop');
  void proxy.once(reply(4), () => 'cut-within');
  client.socket.write(Buffer.concat([handshake, request(1, 4), request(2, 4), request(3, 4)]));
  await client.next();
  const failed = await client.next();
  t.deepEqual([failed.readInt32BE(4), failed.readInt32BE(16), failed.length], [1, -127, 20]);
  t.is((await client.next()).readInt32BE(4), 3);
  const gone = closed(client.socket);
  const before = client.socket.bytesRead;
  client.socket.write(request(4, 4));
  await gone;
  t.is(client.socket.bytesRead - before, 30, 'half of a frame of 60 bytes');
});

test('replies come in pieces', async (t) => {
  const { address } = await answering(t, 100);
  const proxy = await FaultProxy.start(address);
  const client = await through(t, proxy);
  client.socket.write(handshake);
  await client.next();
  const before = client.reads();
  proxy.replyInPieces(() => 1);
  client.socket.write(request(1, 4));
  t.is((await client.next()).length, 120);
  t.true(client.reads() - before > 10);
});

test('a mute proxy accepts and says nothing; refusing and cutting end connections', async (t) => {
  const { address } = await answering(t);
  const proxy = await FaultProxy.start(address);
  proxy.muteNewConnections(true);
  const muted = await through(t, proxy);
  muted.socket.write(handshake);
  proxy.muteNewConnections(false);
  const heard = await through(t, proxy);
  heard.socket.write(handshake);
  await heard.next();
  t.is(muted.frames.length, 0);
  const gone = Promise.all([closed(muted.socket), closed(heard.socket)]);
  const { port } = proxy;
  await proxy.refuse();
  await gone;
  const refused = connect({ port, host: '127.0.0.1' });
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
  await proxy.listenAgain();
  t.is(proxy.port, port);
});

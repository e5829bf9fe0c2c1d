import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemRuntime } from '@drover/runtime';
import { socketTransport } from './connection.js';
import { Connector, type Resolve } from './connector.js';
import { NEW_PASSWORD, type SessionIdentity } from './wire/handshake.js';
import { PacketWriter } from './wire/writer.js';

const identity: SessionIdentity = {
  sessionId: 0n,
  password: NEW_PASSWORD,
  timeoutMs: 1_000,
  grantedMs: 1_000,
  lastZxid: 0n,
};

/** A server of one line: what it does with each connection. */
async function serve(t: ExecutionContext, accept: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function grant(socket: Socket): void {
  socket.once('data', () => {
    const writer = new PacketWriter();
    writer.begin();
    writer.int(0);
    writer.int(1_000);
    writer.long(77n);
    writer.data(Buffer.alloc(16, 1));
    writer.bool(false);
    writer.end();
    for (const packet of writer.take()) socket.write(packet);
  });
}

function connector(t: ExecutionContext, ports: readonly number[], resolve: Resolve): Connector {
  const servers = ports.map((port) => ({ host: 'zk.test', port }));
  const made = new Connector({ servers, tls: undefined, resolve, transport: socketTransport, runtime: systemRuntime });
  t.teardown(() => made.stop());
  return made;
}

const loopback: Resolve = () => Promise.resolve(['127.0.0.1']);

const FAULTS: Record<string, (socket: Socket) => void> = {
  'stays mute': () => undefined,
  'closes at once': (socket) => socket.end(),
  resets: (socket) => socket.resetAndDestroy(),
  'speaks another protocol': (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
};

for (const [what, fault] of Object.entries(FAULTS)) {
  test(`a server that ${what} is passed by`, async (t) => {
    const ports = [await serve(t, fault), await serve(t, grant), await serve(t, fault)];
    const established = await connector(t, ports, loopback).connect(identity);
    t.is(established?.reply.sessionId, 77n);
    t.is(established?.connection.address.port, ports[1]);
    established?.connection.destroy();
  });
}

test('a mute server is left while the session lives that was granted, however long a session was asked for', async (t) => {
  const ports = [await serve(t, () => undefined), await serve(t, grant)];
  const asked = { ...identity, timeoutMs: 3_600_000 };
  const established = await connector(t, ports, loopback).connect(asked);
  t.is(established?.connection.address.port, ports[1]);
  established?.connection.destroy();
});

test('names are resolved again in every round, and all addresses of a name are tried', async (t) => {
  const port = await serve(t, grant);
  let asked = 0;
  const resolve: Resolve = () => {
    asked++;
    if (asked === 1) return Promise.reject(new Error('no such name yet'));
    return Promise.resolve(asked === 2 ? [] : ['127.0.0.2', '127.0.0.1']);
  };
  const established = await connector(t, [port], resolve).connect(identity);
  t.is(asked, 3);
  t.is(established?.connection.address.address, '127.0.0.1');
  established?.connection.destroy();
});

test('a name that no longer resolves keeps the addresses it had', async (t) => {
  const port = await serve(t, grant);
  let asked = 0;
  const made = connector(t, [port], () =>
    ++asked === 1 ? Promise.resolve(['127.0.0.1']) : Promise.reject(new Error('the resolver is down')),
  );
  (await made.connect(identity))?.connection.destroy();
  const again = await made.connect(identity);
  t.is(again?.reply.sessionId, 77n);
  again?.connection.destroy();
});

test('the address where the connection was lost is tried last', async (t) => {
  const ports = await Promise.all(Array.from({ length: 4 }, () => serve(t, grant)));
  const made = connector(t, ports, loopback);
  for (let i = 0; i < 12; i++) {
    const first = await made.connect(identity);
    first?.connection.destroy();
    if (first !== null) made.lostAt(first.connection.address);
    const second = await made.connect(identity);
    second?.connection.destroy();
    t.not(second?.connection.address.port, first?.connection.address.port);
  }
});

test('stopping ends the attempt in hand', async (t) => {
  let connected: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (connected = resolve));
  const port = await serve(t, () => connected());
  const made = connector(t, [port], loopback);
  const pending = made.connect(identity);
  await reached;
  made.stop();
  t.is(await pending, null);
});

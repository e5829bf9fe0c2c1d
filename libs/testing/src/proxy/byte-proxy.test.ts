import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Told } from '../changes.js';
import { ByteProxy, type ProxyTarget } from './byte-proxy.js';

/** Records the bytes that a socket has received. */
class Hears {
  readonly socket: Socket;
  readonly #told = new Told<string>();
  #text = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#told.tell((this.#text += chunk.toString())));
  }

  get text(): string {
    return this.#text;
  }

  async until(text: string): Promise<void> {
    await this.#told.first((heard) => heard === text);
  }
}

/** A server behind a proxy; `dial` gives both ends of a new connection, the server's once it is there. */
async function behindProxy(t: ExecutionContext, more: Pick<ProxyTarget, 'opening'> = {}) {
  const accepted = new Told<Hears>();
  const server = createServer((socket) => accepted.tell(new Hears(socket))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await ByteProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...more });
  t.teardown(async () => {
    await proxy.stop();
    server.close();
  });
  const dial = async () => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port });
    await once(socket, 'connect');
    return new Hears(socket);
  };
  return { proxy, accepted, dial };
}

test('each direction can be a black hole by itself, and what it swallowed comes when it heals', async (t) => {
  const { proxy, accepted, dial } = await behindProxy(t);
  const client = await dial();
  const server = await accepted.first();
  proxy.blackHole('to-server');
  client.socket.write('up');
  server.socket.write('down');
  await client.until('down');
  t.is(server.text, '');
  proxy.blackHole('to-client');
  await server.until('up');
  server.socket.write(' again');
  client.socket.write(' again');
  await server.until('up again');
  t.is(client.text, 'down');
  proxy.blackHole('none');
  await client.until('down again');
});

test('the server hears of a connection made in a black hole when that heals', async (t) => {
  for (const kind of ['both', 'to-server', 'to-client'] as const) {
    const { proxy, accepted, dial } = await behindProxy(t);
    proxy.blackHole(kind);
    const client = await dial();
    client.socket.write('patient');
    t.is(accepted.all.length, 0);
    proxy.blackHole('none');
    await (await accepted.first()).until('patient');
    t.is(accepted.all.length, 1);
  }
});

test('an opening is rewritten once it is whole; what follows is not', async (t) => {
  const opening = (bytes: Buffer) => (bytes.includes('!') ? Buffer.from(bytes.toString().toUpperCase()) : undefined);
  const { accepted, dial } = await behindProxy(t, { opening });
  const client = await dial();
  client.socket.write('hel');
  const server = await accepted.first();
  client.socket.write('lo!');
  await server.until('HELLO!');
  client.socket.write(' and on');
  await server.until('HELLO! and on');
  t.is(server.text, 'HELLO! and on');
});

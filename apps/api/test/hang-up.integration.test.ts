import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { testZooKeeper, testZooKeeperBehindProxy } from '@drover/testing';
import test from 'ava';
import { startReplica, type Replica } from './replica.js';

/** Sends one chunk of lines, and what follows it. */
function send({ url }: Replica, line: string, rest: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/batches HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/x-ndjson\r\n` +
      `transfer-encoding: chunked\r\n\r\n${line.length.toString(16)}\r\n${line}\r\n${rest}`,
  );
  return socket;
}
const isUp = async ({ url }: Replica): Promise<boolean> => (await fetch(`${url}/livez`)).ok;
const faultsOf = ({ log }: Replica): unknown[] => log.all.filter(({ event }) => event === 'api.failed');

test('a client that hangs up in the middle of its lines is no fault of the server', async (t) => {
  const replica = await startReplica(t, (await testZooKeeper(t)).connect, 's1', {});
  for (const line of ['{', '{"typ', '{"type":"echo","payload":1}\n{"type":"echo","pa']) {
    const socket = send(replica, line, '');
    t.true(await isUp(replica), 'it has begun with the lines, which came before');
    socket.resetAndDestroy();
    await once(socket, 'close');
    t.true(await isUp(replica));
  }
  t.deepEqual(faultsOf(replica), []);
});

test('a client that hangs up before its lines are durable is no fault of the server', async (t) => {
  const zk = await testZooKeeperBehindProxy(t);
  const replica = await startReplica(t, zk.connect, 's1', {});
  const create = zk.proxy.once(({ direction, op }) => {
    const isSubmit = direction === 'request' && (op === 'create' || op === 'multi');
    if (isSubmit) zk.proxy.blackHole('to-client');
    return isSubmit;
  });
  const line = '{"type":"echo","payload":1}\n';
  const socket = send(replica, line, '0\r\n\r\n');
  await create;
  socket.resetAndDestroy();
  await once(socket, 'close');
  t.true(await isUp(replica));
  zk.proxy.blackHole('none');
  // By the time that a later one is answered, the server has done with the first.
  const headers = { 'content-type': 'application/x-ndjson' };
  const later = await fetch(`${replica.url}/v1/batches`, { method: 'POST', headers, body: line });
  t.regex(await later.text(), /"id"/);
  t.deepEqual(faultsOf(replica), []);
});

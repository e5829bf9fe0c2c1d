import { testProp, fc } from '@fast-check/ava';
import { seededRandom } from '@drover/runtime';
import { Clock, WorldRuntime } from '../clock/clock.js';
import type { ServerConnection } from '../server/server-connection.js';
import { SimulatedConnection, type Link } from './simulated-connection.js';

/** Eight bytes: the length of what follows, and a number. */
function packet(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(4);
  bytes.writeInt32BE(number, 4);
  return bytes;
}

const ways = fc.record({ toServer: fc.boolean(), toClient: fc.boolean() });

testProp(
  'whatever is blocked, and however slow it is, each direction keeps its order and loses nothing',
  [fc.array(fc.record({ afterMs: fc.nat(30), ways }), { maxLength: 20 }), fc.integer()],
  async (t, changes, seed) => {
    const clock = new Clock((error) => t.fail(String(error)));
    const runtime = new WorldRuntime(clock, seededRandom(seed));
    const heard = { toServer: [] as number[], toClient: [] as number[] };
    let blocked = { toServer: false, toClient: false };
    const link: Link = {
      owner: 'test',
      delayMs: () => 1 + runtime.random() * 40,
      isBlocked: (way) => blocked[way],
      tears: () => false,
      arrive: (happen) => happen(),
      ended: () => undefined,
    };
    const server = { receive: (bytes: Buffer) => heard.toServer.push(bytes.readInt32BE()), cut: () => undefined };
    const connection: SimulatedConnection = new SimulatedConnection(
      runtime,
      link,
      { host: 'zk', address: 'zk', port: 1 },
      {
        opened: () => undefined,
        received: () => {
          const { frames } = connection;
          while (frames.next()) heard.toClient.push(frames.bytes.readInt32BE(frames.start));
        },
        lost: (error) => t.fail(error.message),
      },
    );
    connection.open(() => server as unknown as ServerConnection);
    const count = 100;
    for (let i = 0; i < count; i++)
      runtime.after(i * 3, () => {
        connection.write([packet(i)]);
        connection.deliver(packet(i));
      });
    let atMs = 0;
    for (const { afterMs, ways } of changes)
      runtime.after((atMs += afterMs), () => {
        blocked = ways;
        connection.unblock();
      });
    runtime.after(atMs + count * 3, () => {
      blocked = { toServer: false, toClient: false };
      connection.unblock();
    });
    await clock.run(() => false);
    const all = Array.from({ length: count }, (_, i) => i);
    t.deepEqual(heard, { toServer: all, toClient: all });
  },
);

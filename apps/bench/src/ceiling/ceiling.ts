import { Child } from '../child.js';
import type { ConnectionFlags } from '../ensemble-connection.js';
import type { Place } from '../figures/figure.js';
import { durabilityOf, payload, Tally, type Contender, type System } from '../system.js';
import { BareConnection } from './bare-connection.js';

const BATCH = 500;
const AHEAD = 32;
const BUCKETS = Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(2, '0'));

/** `root`: of which the parent exists. The same znodes as Drover's and the bare protocol: no session care, no planner, no retries, nothing checked. */
export function ceiling({ servers, serverCount, connection }: Reached, root: string): Contender {
  return {
    name: 'ceiling: the bare protocol',
    durability: durabilityOf(serverCount),
    bulkTasks: { quick: 50_000, full: 500_000 },
    open: () => open(servers.split(','), connection, root),
  };
}

type Reached = Pick<Place, 'servers' | 'serverCount' | 'connection'>;

async function open(servers: readonly string[], connection: ConnectionFlags, root: string): Promise<System> {
  const server = (n: number): string => servers[n % servers.length] ?? '';
  const zk = await BareConnection.open(server(2), connection);
  await layOut(zk, root);
  const worker = await Child.start('ceiling/ceiling.child.js', { role: 'worker', server: server(1), connection, root });
  const leader = await Child.start('ceiling/ceiling.child.js', { role: 'leader', server: server(0), connection, root });
  const waiting = new Map<string, (path: string) => void>();
  zk.onCreated = (path) => {
    const [, , , batch = '', result] = path.slice(root.length).split('/');
    if (result !== undefined) waiting.get(batch)?.(path);
  };
  await zk.watch(`${root}/tasks`);

  let sequence = 0;
  const submitAndRead = (from: number, to: number, tally: Tally): Promise<void> => {
    const name = `b${(sequence++).toString(36).padStart(8, '0')}`;
    const path = `${root}/tasks/${BUCKETS[sequence % BUCKETS.length] ?? '00'}/${name}`;
    const lines = [JSON.stringify({ tasks: to - from })];
    for (let i = from; i < to; i++) lines.push(JSON.stringify({ type: 'noop', ...payload(i) }));
    return new Promise((resolve, reject) => {
      let left = to - from;
      const read = async (result: string): Promise<void> => {
        const [, ...results] = (await zk.get(result)).toString().split('\n');
        for (const line of results) tally.result((JSON.parse(line) as { result: number }).result);
        left -= results.length;
        if (left > 0) return;
        waiting.delete(name);
        resolve();
      };
      waiting.set(name, (result) => void read(result).catch(reject));
      zk.create(path, lines.join('\n')).catch(reject);
    });
  };
  return {
    async bulk(count) {
      const tally = new Tally(count);
      let next = 0;
      const submitter = async (): Promise<void> => {
        while (next < count) {
          const from = next;
          next = Math.min(count, from + BATCH);
          await submitAndRead(from, next, tally);
        }
      };
      await Promise.all([tally.done, ...Array.from({ length: AHEAD }, submitter)]);
    },
    single: () => submitAndRead(0, 1, new Tally(1)),
    async close() {
      await Promise.all([leader.stop(), worker.stop()]);
      zk.close();
    },
  };
}

async function layOut(zk: BareConnection, root: string): Promise<void> {
  for (const path of ['', '/epoch', '/tasks', '/assignments', '/assignments/w']) await zk.create(root + path);
  await Promise.all(BUCKETS.map((bucket) => zk.create(`${root}/tasks/${bucket}`)));
}

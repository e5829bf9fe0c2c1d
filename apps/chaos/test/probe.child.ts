/**
 * A session with ZooKeeper whose life the test follows: what it sees and does goes to stderr, a line of JSON each, as
 * Drover's own processes log. Arguments: connect string, session timeout in ms. A message is the path of a znode that it
 * creates.
 */
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';

const [connect = '', timeout = ''] = process.argv.slice(2);

function tell(event: string, fields: object = {}): void {
  process.stderr.write(`${JSON.stringify({ event, time: new Date().toISOString(), ...fields })}\n`);
}

function open(): void {
  const zk = connectZooKeeper({ connect, sessionTimeoutMs: Number(timeout), runtime: systemRuntime });
  const create = (path: string): void => {
    zk.create(path).then(
      () => tell('created', { path }),
      () => tell('failed', { path }),
    );
  };
  zk.onState((state) => {
    tell(`session.${state}`, { sessionId: `0x${zk.sessionId.toString(16)}` });
    if (state !== 'expired') return;
    process.off('message', create);
    open();
  });
  void zk
    .watch('/', 'recursive', { event: ({ path }) => tell('event', { path }), reset: () => undefined })
    .then(() => zk.create(`/probe-${zk.sessionId}`, '', { mode: 'ephemeral' }))
    .then(() => tell('ready', { path: `/probe-${zk.sessionId}` }))
    .catch(() => tell('failed'));
  process.on('message', create);
}

process.once('disconnect', () => process.exit(0));
open();

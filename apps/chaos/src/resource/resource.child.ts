/**
 * The external resource: a process of its own that handlers write to. It accepts a write only with a token that is not
 * older than the last one of the key, and writes it into the history before it answers.
 * Arguments: the path of its socket, the path of the history.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';
import { Fence } from './fence.js';
import type { Answer, Write } from './protocol.js';

const [socketPath = '', historyPath = ''] = process.argv.slice(2);
const history = new Journal(historyPath);
const fence = new Fence();

function answer(socket: Socket, { n, task, token, attempt, worker }: Write): void {
  const accepted = fence.accepts(task, BigInt(token));
  history.write({ at: monotonicMs(), task, token, accepted, value: { attempt, worker } });
  socket.write(`${JSON.stringify({ n, accepted } satisfies Answer)}\n`);
}

const server = createServer((socket) => {
  const lines = createInterface({ input: socket });
  lines.on('line', (line) => {
    answer(socket, JSON.parse(line) as Write);
  });
  // A worker may be killed while it writes. The interface for lines emits the errors of the socket too.
  for (const one of [socket, lines]) one.on('error', () => undefined);
});
server.listen(socketPath, () => process.send?.('ready'));
process.once('disconnect', () => process.exit(0));

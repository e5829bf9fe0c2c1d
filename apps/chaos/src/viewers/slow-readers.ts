import type { Socket } from 'node:net';
import { keepSockets } from './sockets.js';
import type { ViewersDid } from './settings.js';

const STREAM = '/v1/events?topics=overview,queues,workers,schedulers,schedules,failures,operations';
const BYTE_EVERY_MS = 1_000;

/** Open streams of events at one API: half of them never read, half read a byte a second. */
export function slowReaders(
  api: string,
  options: { count: number; random: () => number; did: ViewersDid; signal: AbortSignal },
): void {
  const { did, ...rest } = options;
  let streams = 0;
  keepSockets({
    ...rest,
    api,
    opened: (socket) => {
      did.streams++;
      socket.pause();
      socket.write(`GET ${STREAM} HTTP/1.1\r\nHost: ${new URL(api).host}\r\nAccept: text/event-stream\r\n\r\n`);
      if (streams++ % 2 === 0) readSlowly(socket);
    },
  });
}

/** Without a listener of `data` a socket gives what is asked of it, and asks the network for no more than it holds. */
function readSlowly(socket: Socket): void {
  const timer = setInterval(() => {
    socket.read(1);
  }, BYTE_EVERY_MS);
  socket.on('close', () => clearInterval(timer));
}

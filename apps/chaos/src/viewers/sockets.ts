import { connect, type Socket } from 'node:net';

/** Keeps so many sockets to an API: each that ends is opened again a moment later, as tabs are by people who wait. */
export interface Kept {
  api: string;
  count: number;
  signal: AbortSignal;
  /** Called with each that is connected. */
  opened: (socket: Socket) => void;
  /** Closes each after a time by chance, up to this; absent: they stay until the server ends them. */
  lastsMs?: number;
  random: () => number;
}

const AGAIN_MS = 1_000;

export function keepSockets({ api, count, signal, opened, lastsMs, random }: Kept): void {
  const { hostname, port } = new URL(api);
  const open = (): void => {
    if (signal.aborted) return;
    const socket = connect({ host: hostname, port: Number(port) });
    const close = (): void => void socket.destroy();
    const timer = lastsMs === undefined ? undefined : setTimeout(close, lastsMs * random());
    socket.on('connect', () => opened(socket));
    // A refused connection, or one that the server cut off: opened again below.
    socket.on('error', () => undefined);
    signal.addEventListener('abort', close, { once: true });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', close);
      setTimeout(open, AGAIN_MS * (0.5 + random())).unref();
    });
  };
  for (let n = 0; n < count; n++) open();
}

import { createServer } from 'node:net';
import type { Runtime } from '@drover/runtime';

/**
 * Ports are below the ephemeral ranges of Linux (32768) and macOS (49152): no outgoing connection takes a port that was
 * found free. They are tried in random order, so that two processes that look at the same time rarely find the same
 * one.
 */
const LOWEST = 12_000;
const HIGHEST = 31_999;
const ATTEMPTS = 200;

/** `count` different TCP ports that nobody listens on at 127.0.0.1 at this moment. */
export async function findFreePorts(count: number, runtime: Runtime): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS && found.size < count; attempt++) {
    const port = LOWEST + Math.floor(runtime.random() * (HIGHEST - LOWEST + 1));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`found fewer than ${count} free ports between ${LOWEST} and ${HIGHEST}`);
  return [...found];
}

/** Whether nobody listens on a TCP port at 127.0.0.1 at this moment. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Answer, Write } from './protocol.js';

/** A handler thread's line to the resource: opened with the first write. */
export class ResourceClient {
  readonly #path: string;
  readonly #waiting = new Map<number, { resolve: (accepted: boolean) => void; reject: (error: Error) => void }>();
  #socket: Socket | undefined;
  #count = 0;

  /** `path` of the resource's socket. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Whether it was accepted; the resource has it in its history by then. */
  write(write: Omit<Write, 'n'>): Promise<boolean> {
    const n = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      this.#line().write(`${JSON.stringify({ n, ...write } satisfies Write)}\n`);
    });
  }

  #line(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect(this.#path);
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      const { n, accepted } = JSON.parse(line) as Answer;
      this.#waiting.get(n)?.resolve(accepted);
      this.#waiting.delete(n);
    });
    const lost = (): void => {
      if (this.#socket === socket) this.#socket = undefined;
      for (const { reject } of this.#waiting.values()) reject(new Error('the resource is gone'));
      this.#waiting.clear();
    };
    // The lines tell the socket's errors too.
    for (const one of [socket, lines]) one.on('error', lost);
    socket.on('close', lost);
    return socket;
  }
}

import { inBackground, uncaught } from '@drover/runtime';
import type { Socket } from 'node:net';

/**
 * One direction of a proxied connection: bytes that were read on one side wait here until they may be written on the
 * other. Order is kept: a delayed frame holds back those behind it, and so does a black hole (as TCP sends bytes again
 * when a partition heals).
 */
export class HalfLink {
  readonly #to: Socket;
  #waiting: { bytes: Buffer; notBeforeMs: number }[] = [];
  #held = false;
  #ended = false;
  #writing = false;
  /** Size of the next piece to write; `null`: frames are written whole. */
  pieceSize: (() => number) | null = null;
  delayMs = 0;

  constructor(to: Socket) {
    this.#to = to;
  }

  push(bytes: Buffer): void {
    this.#waiting.push({ bytes, notBeforeMs: performance.now() + this.delayMs });
    inBackground(this.#flush(), uncaught);
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    inBackground(this.#flush(), uncaught);
  }

  /** The side that writes here has gone: the other one learns it after what is still under way, and not while held. */
  end(): void {
    this.#ended = true;
    inBackground(this.#flush(), uncaught);
  }

  async #flush(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (!this.#held && this.#waiting.length > 0 && !this.#to.destroyed) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      const earlyMs = next.notBeforeMs - performance.now();
      if (earlyMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, earlyMs));
        continue;
      }
      this.#waiting.shift();
      await this.#write(next.bytes);
    }
    this.#writing = false;
    if (this.#ended && !this.#held && this.#waiting.length === 0) this.#to.end();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.pieceSize === null) {
      this.#to.write(bytes);
      return;
    }
    for (let at = 0; at < bytes.length && !this.#to.destroyed;) {
      const size = Math.max(1, this.pieceSize());
      this.#to.write(bytes.subarray(at, at + size));
      at += size;
      // A turn of the event loop between the pieces, so that the reader sees them one by one.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

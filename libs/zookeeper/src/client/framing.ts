import { MalformedPacketError } from './wire/reader.js';

/** Replies have no limit in the protocol; above this the peer is surely not a ZooKeeper server. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** At most this much memory is reserved for a frame before its bytes have come. */
const TRUSTED_BYTES = 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/**
 * Cuts the received chunks into frames (a 32-bit length, then as many bytes). A frame that lies within a chunk is
 * handed out in place; one that spans chunks is copied into memory of its own. A peer may send a length that is wrong,
 * so above 1 MiB that memory grows with the bytes that have come. After `next()` returned true, `bytes`, `start` and
 * `end` say where the frame is.
 */
export class Frames {
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;

  #chunk: Buffer = EMPTY;
  #at = 0;
  #queued: Buffer[] = [];
  #length = 0;
  #lengthBytes = 0;
  #body: Buffer | null = null;
  #filled = 0;

  push(chunk: Buffer): void {
    // The chunk may be read to its end while others are queued behind it: then the new one is the last of them.
    if (this.#at === this.#chunk.length && this.#queued.length === 0) {
      this.#chunk = chunk;
      this.#at = 0;
    } else this.#queued.push(chunk);
  }

  /** Moves to the next complete frame. Throws `MalformedPacketError` on a length that cannot be one. */
  next(): boolean {
    for (;;) {
      if (this.#chunk.length - this.#at === 0 && !this.#advance()) return false;
      if (this.#body !== null) {
        if (this.#fill(this.#body)) return true;
      } else if (this.#readLength() && this.#frameInPlace()) return true;
    }
  }

  #advance(): boolean {
    const next = this.#queued.shift();
    this.#chunk = next ?? EMPTY;
    this.#at = 0;
    // A frame without content needs no further byte.
    return next !== undefined;
  }

  /** Whether all four bytes of the length are there. */
  #readLength(): boolean {
    if (this.#lengthBytes === 0 && this.#chunk.length - this.#at >= 4) {
      this.#length = this.#chunk.readInt32BE(this.#at);
      this.#at += 4;
    } else {
      this.#length = (this.#length << 8) | this.#chunk.readUInt8(this.#at++);
      if (++this.#lengthBytes < 4) return false;
      this.#lengthBytes = 0;
    }
    if (this.#length <= 0 || this.#length > MAX_FRAME_BYTES) {
      throw new MalformedPacketError(`got a frame of ${this.#length} bytes; this is not a ZooKeeper server`);
    }
    return true;
  }

  #frameInPlace(): boolean {
    if (this.#chunk.length - this.#at >= this.#length) {
      this.bytes = this.#chunk;
      this.start = this.#at;
      this.end = this.#at += this.#length;
      this.#length = 0;
      return true;
    }
    this.#body = Buffer.allocUnsafeSlow(Math.min(this.#length, TRUSTED_BYTES));
    this.#filled = 0;
    return false;
  }

  /** Takes the bytes of the frame from the chunk. True if the frame is complete. */
  #fill(begun: Buffer): boolean {
    const body = this.#filled === begun.length ? this.#grow(begun) : begun;
    const taken = Math.min(body.length - this.#filled, this.#chunk.length - this.#at);
    this.#chunk.copy(body, this.#filled, this.#at, this.#at + taken);
    this.#at += taken;
    this.#filled += taken;
    if (this.#filled < this.#length) return false;
    this.bytes = body;
    this.start = 0;
    this.end = this.#length;
    this.#body = null;
    this.#length = 0;
    return true;
  }

  #grow(begun: Buffer): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#length, begun.length * 2));
    begun.copy(larger);
    return (this.#body = larger);
  }
}

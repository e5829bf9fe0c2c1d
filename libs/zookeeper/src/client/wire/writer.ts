import { MAX_REQUEST_BYTES } from './opcodes.js';

const SLAB_BYTES = 128 * 1024;
const SHORT_TEXT = 96;

/** The packet would be larger than a server accepts; thrown while encoding, before any part of it can be sent. */
export class PacketTooLargeError extends Error {
  override readonly name = 'PacketTooLargeError';
}

/**
 * Encodes packets, each behind its length, one after the other into large slabs. The packets of one turn of the event
 * loop leave as one or few buffers (`take`); a slab is never written to again where it was taken, so it needs no copy
 * and no waiting for the socket.
 */
export class PacketWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Start of the output that was not taken. */
  #start = 0;
  /** Start of the packet that is being encoded. */
  #packet = 0;
  #at = 0;
  #ready: Buffer[] = [];

  begin(): void {
    this.#packet = this.#at;
    this.#reserve(4);
    this.#at += 4;
  }

  /** Completes the packet. Returns its length without the length itself. Throws `PacketTooLargeError`. */
  end(): number {
    const bytes = this.#at - this.#packet - 4;
    if (bytes > MAX_REQUEST_BYTES) throw new PacketTooLargeError();
    this.#putInt(this.#packet, bytes);
    return bytes;
  }

  /** Forgets the packet that is being encoded. */
  cancel(): void {
    this.#at = this.#packet;
  }

  /** Removes the packet that was just completed from the output; it can be given back with `append`. */
  detach(): Buffer {
    const packet = this.#slab.subarray(this.#packet, this.#at);
    this.#at = this.#packet;
    this.#close();
    this.#at = this.#start = packet.byteOffset - this.#slab.byteOffset + packet.length;
    return packet;
  }

  append(packet: Buffer): void {
    this.#close();
    this.#ready.push(packet);
  }

  /** The output since the last call, in order. */
  take(): Buffer[] {
    this.#close();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0 && this.#at === this.#start;
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#slab[this.#at++] = value ? 1 : 0;
  }

  int(value: number): void {
    this.#reserve(4);
    this.#putInt(this.#at, value);
    this.#at += 4;
  }

  long(value: bigint): void {
    this.#reserve(8);
    this.#at = this.#slab.writeBigInt64BE(value, this.#at);
  }

  string(value: string): void {
    // Callers may be JavaScript: a length that is no number would spoil the whole output.
    if (typeof value !== 'string') throw new TypeError(`expected text, got ${typeof value}`);
    const length = value.length;
    if (length > SHORT_TEXT) {
      const bytes = Buffer.byteLength(value);
      this.#reserve(4 + bytes);
      this.#putInt(this.#at, bytes);
      this.#slab.write(value, this.#at + 4, 'utf8');
      this.#at += 4 + bytes;
      return;
    }
    // A UTF-16 unit takes at most three bytes. The text is written first and its bytes are counted then: one pass only.
    this.#reserve(4 + length * 3);
    const bytes = this.#putShortText(this.#at + 4, value);
    this.#putInt(this.#at, bytes);
    this.#at += 4 + bytes;
  }

  strings(values: readonly string[]): void {
    this.int(values.length);
    for (const value of values) this.string(value);
  }

  data(value: string | Uint8Array): void {
    if (typeof value === 'string') {
      this.string(value);
      return;
    }
    if (!(value instanceof Uint8Array))
      throw new TypeError(`data must be a string or a Uint8Array, got ${typeof value}`);
    this.#reserve(4 + value.length);
    this.#putInt(this.#at, value.length);
    this.#slab.set(value, this.#at + 4);
    this.#at += 4 + value.length;
  }

  #putInt(at: number, value: number): void {
    const slab = this.#slab;
    slab[at] = value >>> 24;
    slab[at + 1] = value >>> 16;
    slab[at + 2] = value >>> 8;
    slab[at + 3] = value;
  }

  /** Short ASCII, as paths are, costs less here than the call into Node. */
  #putShortText(at: number, value: string): number {
    const slab = this.#slab;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 127) return slab.write(value, at, 'utf8');
      slab[at + i] = unit;
    }
    return value.length;
  }

  #close(): void {
    if (this.#at > this.#start) this.#ready.push(this.#slab.subarray(this.#start, this.#at));
    this.#start = this.#packet = this.#at;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#slab.length) this.#grow(bytes);
  }

  /** Takes a new slab; the begun part of the present packet moves to it. */
  #grow(bytes: number): void {
    const begun = this.#at - this.#packet;
    // A value that is surely too large need not be encoded. Short text reserves more than it takes.
    if (begun + bytes > MAX_REQUEST_BYTES + 3 * SHORT_TEXT + 64) throw new PacketTooLargeError();
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (begun + bytes) * 2));
    this.#slab.copy(slab, 0, this.#packet, this.#at);
    if (this.#packet > this.#start) this.#ready.push(this.#slab.subarray(this.#start, this.#packet));
    this.#slab = slab;
    this.#start = this.#packet = 0;
    this.#at = begun;
  }
}

/**
 * The server sent data that breaks the protocol. The connection is dropped: nothing behind such data can be trusted.
 */
export class MalformedPacketError extends Error {
  override readonly name = 'MalformedPacketError';
}

const EMPTY = Buffer.alloc(0);

/** Decodes one packet in place. One reader is used for all packets: `reset` moves it to the next. */
export class PacketReader {
  #bytes: Buffer = EMPTY;
  #start = 0;
  #at = 0;
  #end = 0;

  reset(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = this.#at = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** The zxid in the header of the reply, at any position of the reader. */
  replyZxid(): bigint {
    return this.#bytes.readBigInt64BE(this.#start + 4);
  }

  bool(): boolean {
    return this.#bytes[this.#skip(1)] !== 0;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8));
  }

  /** A 64-bit integer that a double holds exactly, such as a time. */
  safeLong(): number {
    const high = this.int();
    return high * 0x1_0000_0000 + (this.int() >>> 0);
  }

  string(): string {
    const length = this.#length();
    const at = this.#skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  strings(): string[] {
    const count = this.#count(4);
    const values = new Array<string>(count);
    for (let i = 0; i < count; i++) values[i] = this.string();
    return values;
  }

  /**
   * The number of records that follow, each of at least `bytesEach`: a number that the packet cannot hold is refused.
   */
  count(bytesEach: number): number {
    return this.#count(bytesEach);
  }

  /**
   * A payload. A large one is a slice of the memory that was received; a small one is copied, so that keeping it does
   * not keep 64 KiB alive: what is held is never more than four times the payload.
   */
  data(): Buffer {
    const length = this.#length();
    const at = this.#skip(length);
    const slice = this.#bytes.subarray(at, at + length);
    return length * 4 >= this.#bytes.buffer.byteLength ? slice : Buffer.from(slice);
  }

  /** Null is -1 on the wire; here it is empty. */
  #length(): number {
    return Math.max(0, this.int());
  }

  #count(bytesEach: number): number {
    const count = this.#length();
    if (count * bytesEach > this.remaining)
      throw new MalformedPacketError(`${count} records in ${this.remaining} bytes`);
    return count;
  }

  #skip(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#end) throw new MalformedPacketError(`${bytes} bytes expected, ${this.#end - at} left`);
    this.#at = at + bytes;
    return at;
  }
}

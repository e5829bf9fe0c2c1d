/** The last bytes of a stream, as text; the rest is counted and forgotten. */
export class Tail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    this.#bytes += chunk.length;
    // Compacted now and then, not on every chunk.
    if (this.#kept > 4 * this.#limit) this.#compact();
  }

  /** Of everything that was pushed. */
  get bytes(): number {
    return this.#bytes;
  }

  get truncated(): boolean {
    return this.#bytes > this.#limit;
  }

  /** Bytes that are not UTF-8, and a character that was cut at the front, are replaced. */
  text(): string {
    this.#compact();
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #compact(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(Math.max(all.length - this.#limit, 0));
    this.#chunks = [Buffer.from(kept)];
    this.#kept = kept.length;
  }
}

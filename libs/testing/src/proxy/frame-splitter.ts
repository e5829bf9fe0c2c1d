/** Cuts a stream into ZooKeeper's frames: four bytes of length, then that many. Frames come out with their length. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #size = 0;

  /** The frames that `chunk` completes, in order. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Buffer[] = [];
    let wanted = this.#wanted();
    while (wanted !== null && this.#size >= wanted) {
      const all = this.#joined();
      frames.push(all.subarray(0, wanted));
      this.#chunks = [all.subarray(wanted)];
      this.#size -= wanted;
      wanted = this.#wanted();
    }
    return frames;
  }

  #wanted(): number | null {
    if (this.#size < 4) return null;
    const head = this.#chunks[0];
    return (head !== undefined && head.length >= 4 ? head : this.#joined()).readUInt32BE(0) + 4;
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}

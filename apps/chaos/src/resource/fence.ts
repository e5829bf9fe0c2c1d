/** Checks fencing tokens, as a system that Drover's tasks write to must: it refuses tokens older than the last one. */
export class Fence {
  readonly #last = new Map<string, bigint>();

  /** Whether a write with `token` is accepted: the token is as new as the last accepted one of the key, or newer. */
  accepts(key: string, token: bigint): boolean {
    if (token < (this.#last.get(key) ?? 0n)) return false;
    this.#last.set(key, token);
    return true;
  }
}

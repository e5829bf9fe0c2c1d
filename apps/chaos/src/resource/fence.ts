/** What a system that Drover's tasks write to must do with fencing tokens: never go back behind the last one. */
export class Fence {
  readonly #last = new Map<string, bigint>();

  /** Whether a write with `token` is accepted: it is as new as the last one that was, or newer. */
  accepts(key: string, token: bigint): boolean {
    if (token < (this.#last.get(key) ?? 0n)) return false;
    this.#last.set(key, token);
    return true;
  }
}

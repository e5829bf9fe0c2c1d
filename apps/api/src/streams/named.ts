import type { schemas } from '@drover/api';
import type * as z from 'zod';

const MOST = 50;

/** Ids that have changed since the last second: 50 by name, and how many besides. */
export class Named {
  readonly #ids = new Set<string>();
  #more = 0;

  add(ids: readonly string[], more: number): void {
    this.#more += more;
    for (const id of ids)
      if (this.#ids.size < MOST) this.#ids.add(id);
      else if (!this.#ids.has(id)) this.#more++;
  }

  /** Null: nothing has changed. */
  take(): z.output<typeof schemas.changedIds> | null {
    if (this.#ids.size === 0 && this.#more === 0) return null;
    const told = { changed: [...this.#ids], more: this.#more };
    this.clear();
    return told;
  }

  clear(): void {
    this.#ids.clear();
    this.#more = 0;
  }
}

import type { Drover } from '@drover/client';
import { checkLimitRef, nearest, parseLimitRefs, splitLimitRef, UnknownLimitError } from '@drover/core';

/**
 * How the tasks of a file name limits: of each limit one reference with a key and one without, since a file may have a
 * million keys. A file with one wrong reference is refused before any of it is submitted.
 */
export class NamedLimits {
  readonly #refs = new Map<string, string>();

  add({ limits }: { limits?: unknown }): void {
    if (limits === undefined || limits === null) return;
    for (const ref of parseLimitRefs('limits', limits) ?? []) {
      const { name, key } = splitLimitRef(ref);
      const kind = key === null ? name : `${name}/`;
      if (!this.#refs.has(kind)) this.#refs.set(kind, ref);
    }
  }

  /** Throws as a submit would: `UnknownLimitError`, or `InvalidArgumentError` for a key that is missing or too much. */
  async check(drover: Pick<Drover, 'limits'>): Promise<void> {
    if (this.#refs.size === 0) return;
    const declared = new Map((await drover.limits.list()).map(({ name, spec }) => [name, spec]));
    for (const ref of this.#refs.values()) {
      const { name } = splitLimitRef(ref);
      const spec = declared.get(name);
      if (spec === undefined) throw new UnknownLimitError(name, nearest(name, [...declared.keys()]));
      checkLimitRef('limits', ref, spec);
    }
  }
}

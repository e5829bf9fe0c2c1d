import type { BatchHeader } from '@drover/protocol';

/** The most different parts that are remembered: if there are more, sharing them costs more than it saves. */
const MOST = 1_000;

/**
 * Holds the common parts of many batch headers once: the same client submits tasks of the same type to the same queue,
 * and a million batches of one task each may be pending.
 */
export class SharedParts {
  readonly #texts = new Map<string, string>();
  readonly #groups = new Map<string, BatchHeader['groups']>();

  /** The header, in which parts that equal those of earlier headers are the same objects. */
  in(header: BatchHeader): BatchHeader {
    const { queue, client, groups } = header;
    return {
      ...header,
      queue: sharedIn(this.#texts, queue, queue),
      client: sharedIn(this.#texts, client, client),
      groups:
        groups.length === 1 && groups[0]?.key === null && groups[0].unique === null && groups[0].after === null
          ? sharedIn(this.#groups, JSON.stringify(groups), groups)
          : groups,
    };
  }
}

function sharedIn<Part>(parts: Map<string, Part>, text: string, part: Part): Part {
  const known = parts.get(text);
  if (known !== undefined) return known;
  if (parts.size >= MOST) parts.clear();
  parts.set(text, part);
  return part;
}

/** Something that the palette can do or show. */
export interface Entry {
  readonly id: string;
  /** `Queue`, `Worker`, `Screen`, `Action`. */
  readonly kind: string;
  readonly label: string;
  readonly hint?: string;
  readonly run: () => void;
}

/** Entries that fit what was typed, the best first; all of them, as they are, where nothing was typed. Pure. */
export function matchesOf(entries: readonly Entry[], typed: string, most: number): Entry[] {
  const query = typed.trim().toLowerCase();
  if (query === '') return entries.slice(0, most);
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, query) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ entry }) => entry);
}

/** All words must be there: at the beginning of the label is best, then of a word, then anywhere. */
function scoreOf({ label, kind }: Entry, query: string): number {
  const name = label.toLowerCase();
  const all = `${kind.toLowerCase()} ${name}`;
  let score = name === query ? 100 : name.startsWith(query) ? 50 : 0;
  for (const word of query.split(/\s+/)) {
    const at = all.indexOf(word);
    if (at === -1) return 0;
    score += at === 0 || /[^a-z0-9]/.test(all.charAt(at - 1)) ? 10 : 2;
  }
  return score - name.length / 1_000;
}

/** An id of a task, also of one in a text that was copied with more around it; null: there is none. */
export function taskIdIn(typed: string): string | null {
  return /(?:[a-z0-9-]+~)?[0-9A-HJKMNP-TV-Z]{26}\.\d{1,3}\b/i.exec(typed)?.[0] ?? null;
}

/** An id of a batch; null: there is none. */
export function batchIdIn(typed: string): string | null {
  return /\b[0-9A-HJKMNP-TV-Z]{26}\b/i.exec(typed)?.[0] ?? null;
}

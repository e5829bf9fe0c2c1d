const SHORTEST_START = 3;

/**
 * The one of `names` that a user who typed `given` may have meant: it differs in a few letters, or begins with `given`;
 * `null`: none.
 */
export function nearest(given: string, names: readonly string[]): string | null {
  const lower = given.toLowerCase();
  const ranked = names
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(given.length / 3))) return best.name;
  return names.find((name) => isStartOf(lower, name.toLowerCase()) || isStartOf(name.toLowerCase(), lower)) ?? null;
}

const isStartOf = (start: string, text: string): boolean => start.length >= SHORTEST_START && text.startsWith(start);

/** Levenshtein, with a swap of neighbours as one step. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap = i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(cell(i - 1, j) + 1, (row[j - 1] ?? Infinity) + 1, cell(i - 1, j - 1) + same, swap));
    }
  }
  return cell(a.length, b.length);
}

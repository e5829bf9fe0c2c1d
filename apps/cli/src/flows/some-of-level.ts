/** The first `most` of the steps of a level; where it is one more, that one, too. */
export function firstOf(names: readonly string[], most: number): { shown: readonly string[]; left: readonly string[] } {
  const end = names.length <= most + 1 ? names.length : most;
  return { shown: names.slice(0, end), left: names.slice(end) };
}

export interface TypeCount {
  readonly type: string;
  readonly tasks: number;
}

/** The types of some tasks with their numbers, the most frequent first. Pure. */
export function typesOf(tasks: readonly { readonly type: string }[]): TypeCount[] {
  const counts = new Map<string, number>();
  for (const { type } of tasks) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts]
    .map(([type, n]) => ({ type, tasks: n }))
    .sort((a, b) => b.tasks - a.tasks || a.type.localeCompare(b.type));
}

export type Values = Readonly<Record<string, unknown>>;

/** `/v1/tasks/:id` and `{ id: 'a', payload: 1 }` give `/v1/tasks/a?payload=1`; values that are null or undefined are left out. */
export function addressOf(path: string, values: Values): string {
  const used = new Set<string>();
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    used.add(name);
    return encodeURIComponent(textOf(values[name]));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (!used.has(name) && value !== undefined && value !== null) query.set(name, textOf(value));
  }
  const text = query.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

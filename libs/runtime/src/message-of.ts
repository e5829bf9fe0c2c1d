/** A caught value as text for people: `catch` says nothing of its type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

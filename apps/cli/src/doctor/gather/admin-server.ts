/** A probe, not a conversation: most servers have no AdminServer that others may reach. */
const PATIENCE_MS = 1_000;

/** The system properties of a ZooKeeper, by its AdminServer; null: none answers there. Never rejects. */
export async function askProperties(host: string, port: number): Promise<Readonly<Record<string, string>> | null> {
  const bare = host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${bare}:${port}/commands/system_properties`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? readProperties(await answer.text()) : null;
  } catch {
    return null;
  }
}

/** Null: that is no answer of an AdminServer. Pure. */
export function readProperties(text: string): Readonly<Record<string, string>> | null {
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer !== 'object' || answer === null || !('java.version' in answer)) return null;
    return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
  } catch {
    return null;
  }
}

/** A request to the metadata service of an instance; `null`: there is nothing of that name (404). */
export type Ask = (
  path: string,
  options?: { method?: 'GET' | 'PUT'; headers?: Readonly<Record<string, string>> },
) => Promise<string | null>;

/** An answer takes no longer than this: the service is on the same machine. */
const ANSWER_WITHIN_MS = 2_000;

/** Asks the service at `base`. Rejects where it cannot be reached, and for every answer but 2xx and 404. */
export function askOf(base: string, signal: AbortSignal): Ask {
  return async (path, { method = 'GET', headers = {} } = {}) => {
    const url = new URL(path, base);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const response = await fetch(url, { method, headers, signal: bound, redirect: 'error' });
    const text = await response.text();
    if (response.status === 404) return null;
    if (!response.ok) throw new MetadataError(`${url.href} answered ${response.status}`);
    return text;
  };
}

/** Thrown for an answer of the metadata service that says nothing. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError';
}

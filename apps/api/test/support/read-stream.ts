import type { schemas } from '@drover/api';
import { Told, type Teardown } from '@drover/testing';
import type * as z from 'zod';

export type EventLine = z.output<typeof schemas.event>;

/** Opens `/v1/events` as NDJSON and gathers what it tells, until the test ends. */
export async function openStream(
  t: Teardown,
  url: string,
  query: string,
  headers: Record<string, string> = {},
): Promise<Told<EventLine>> {
  const closing = new AbortController();
  const answer = await fetch(`${url}/v1/events?${query}`, {
    headers: { accept: 'application/x-ndjson', ...headers },
    signal: closing.signal,
  });
  const told = new Told<EventLine>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') told.tell(JSON.parse(line) as EventLine);
    }
  })().catch(() => undefined);
  t.teardown(async () => {
    closing.abort();
    await reading;
  });
  return told;
}

/** One event of a stream of server-sent events. */
export interface StreamEvent {
  id: string | null;
  event: string;
  /** JSON of the event; null where it has none. */
  data: unknown;
}

/** Cuts text that comes in pieces into events. `push` answers the events that the piece completed. */
export class EventReader {
  #rest = '';

  push(piece: string): StreamEvent[] {
    const blocks = (this.#rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(eventOf).filter((event) => event !== null);
  }
}

/** Null: only a comment, which says that the stream lives. */
function eventOf(block: string): StreamEvent | null {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name !== '') fields[name] = fields[name] === undefined || name !== 'data' ? value : `${fields[name]}\n${value}`;
  }
  if (fields.data === undefined && fields.event === undefined) return null;
  return { id: fields.id ?? null, event: fields.event ?? 'message', data: jsonOf(fields.data) };
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import type { DefinitionLine } from './definition-line.js';

/** One call: its lines, and the times between which it took effect, if it did. */
export interface Change {
  op: DefinitionLine['op'];
  /** The fields of its lines together. */
  line: DefinitionLine;
  /** Not before this. */
  asked: DefinitionLine;
  /** Not after this; `undefined`: nobody knows whether it took effect. */
  done: DefinitionLine | undefined;
  lines: DefinitionLine[];
}

/** The calls about schedules, limits and queues, each in the order of time. Calls that surely did nothing are left out. */
export class Definitions {
  readonly #changes: Readonly<Record<'schedule' | 'limit' | 'queue', Map<string, Change[]>>>;

  constructor(lines: readonly DefinitionLine[]) {
    this.#changes = { schedule: new Map(), limit: new Map(), queue: new Map() };
    for (const change of callsIn(lines)) {
      const kind = (['schedule', 'limit', 'queue'] as const).find((one) => change.line[one] !== undefined);
      const name = kind && change.line[kind];
      if (kind === undefined || name === undefined) continue;
      const changes = this.#changes[kind];
      changes.set(name, [...(changes.get(name) ?? []), change]);
    }
  }

  schedule(name: string): readonly Change[] {
    return this.#changes.schedule.get(name) ?? [];
  }

  get schedules(): Iterable<string> {
    return this.#changes.schedule.keys();
  }

  /** `reference`: as tasks name the limit, with a key or a tenant behind a slash. */
  limit(reference: string): readonly Change[] {
    return this.#changes.limit.get(reference.split('/')[0] ?? '') ?? [];
  }

  queue(name: string): readonly Change[] {
    return this.#changes.queue.get(name) ?? [];
  }
}

function callsIn(lines: readonly DefinitionLine[]): Change[] {
  const calls = new Map<DefinitionLine['call'], Change>();
  for (const line of lines) {
    const call = calls.get(line.call);
    if (call === undefined) {
      calls.set(line.call, {
        op: line.op,
        line,
        asked: line,
        done: line.type === 'ok' ? line : undefined,
        lines: [line],
      });
      continue;
    }
    call.lines.push(line);
    call.line = { ...call.line, ...line };
    if (line.type === 'ok') call.done = line;
    if (line.type === 'fail') calls.delete(line.call);
  }
  return [...calls.values()];
}

/**
 * Definitions that may have been in force at some moment from `from` to `to`: the lines of the last `set` before, and of each that
 * was under way. Empty: nothing was set, or it was removed.
 */
export function inForce(changes: readonly Change[], from: number, to: number): DefinitionLine[] {
  let found: DefinitionLine[] = [];
  for (const { op, line, asked, done } of changes) {
    if (asked.at > to) break;
    if (op !== 'set' && op !== 'remove') continue;
    // The definition before is in force until the change is certain.
    if (done !== undefined && done.at <= from) found = [];
    if (op === 'set') found.push(line);
  }
  return found;
}

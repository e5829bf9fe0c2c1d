import {
  decodeScheduleStates,
  decodeSchedules,
  ROOTS,
  type ScheduleRecord,
  type ScheduleStateRecord,
} from '@drover/protocol';
import type { LifeName } from './fire-rules.js';
import type { ZnodeChange } from './znode-change.js';

/** A schedule as it is committed. */
export interface Stored {
  readonly life: LifeName;
  readonly page: string;
  readonly record: ScheduleRecord;
  readonly state: ScheduleStateRecord;
}

/** The schedules of all pages, as committed transactions leave them. */
export class SchedulePages {
  readonly #lines = new Map<string, readonly ScheduleRecord[]>();
  readonly #states = new Map<string, readonly ScheduleStateRecord[]>();
  #stored = new Map<string, Stored>();

  /** By name. */
  get stored(): ReadonlyMap<string, Stored> {
    return this.#stored;
  }

  /** Those that the transaction writes, by name: as they were before. Throws where a page cannot be read. */
  see({ writes }: ZnodeChange): { before: ReadonlyMap<string, Stored>; pages: ReadonlySet<string> } {
    const before = this.#stored;
    const pages = new Set<string>();
    for (const write of writes) {
      const page = pageOf(write.path);
      if (page === null || write.op === 'check') continue;
      pages.add(page);
      const isState = write.path.endsWith('/state');
      if (write.op === 'delete') (isState ? this.#states : this.#lines).delete(page);
      else if (isState) this.#states.set(page, decodeScheduleStates(write.path, write.data).states);
      else this.#lines.set(page, decodeSchedules(write.path, write.data));
    }
    if (pages.size > 0) this.#stored = this.#joined();
    return { before, pages };
  }

  #joined(): Map<string, Stored> {
    const stored = new Map<string, Stored>();
    for (const [page, records] of this.#lines)
      for (const record of records) {
        const state = this.#states.get(page)?.find(({ slot }) => slot === record.slot);
        if (state === undefined) throw new Error(`schedule ${record.name} has no state in page ${page}`);
        if (stored.has(record.name)) throw new Error(`there are two schedules ${record.name}`);
        stored.set(record.name, { life: `${record.name}@${record.since}`, page, record, state });
      }
    return stored;
  }
}

/** `/schedules/3` and `/schedules/3/state` to `3`; `null` for other paths. */
function pageOf(path: string): string | null {
  if (!path.startsWith(`${ROOTS.schedules}/`)) return null;
  return path.split('/')[2] ?? null;
}

import type { BackfillRecord, FireRecord, ScheduleStateRecord } from '@drover/protocol';
import type { Findings } from './findings.js';
import type { FireRules, LifeName } from './fire-rules.js';

/**
 * Back-fills, told by the committed transactions alone: the tasks and the cursor change together, and never twice for one
 * time; so many of its tasks are unfinished as it may have; a time of which a fire is kept is not missing.
 */
export class BackfillRules {
  readonly #findings: Findings;
  readonly #fires: FireRules;
  /** Times that each has named. */
  readonly #named = new Map<string, Set<number>>();

  constructor(findings: Findings, fires: FireRules) {
    this.#findings = findings;
    this.#fires = fires;
  }

  /** `made`: those that the transaction made, all of them; before the rules of fires know of them. */
  see(life: LifeName, old: ScheduleStateRecord, now: ScheduleStateRecord, made: readonly FireRecord[]): void {
    const before = new Map(old.more?.backfills?.map((each) => [each.id, each]));
    const after = new Map(now.more?.backfills?.map((each) => [each.id, each]));
    for (const { id = '', n } of made)
      this.#findings.expect(after.has(id), () => `fire ${n} of ${life} is of back-fill ${id}, which is not there`);
    for (const [id, backfill] of after)
      this.#moves(
        life,
        before.get(id),
        backfill,
        made.filter((fire) => fire.id === id),
      );
  }

  #moves(life: LifeName, old: BackfillRecord | undefined, now: BackfillRecord, made: readonly FireRecord[]): void {
    const { id, order, from, to, cursor, parallel } = now;
    const text = (): string => `of ${life}, back-fill ${JSON.stringify([old ?? null, now])}`;
    const start = old?.cursor ?? (order === 'oldest' ? from : to);
    const forward = order === 'oldest' ? cursor - start : start - cursor;
    this.#findings.expect(forward >= 0, () => `the cursor went back ${text()}`);
    const counted = now.fired - (old?.fired ?? 0);
    this.#findings.expect(
      counted === made.length,
      () => `${made.length} fires were made, ${counted} counted ${text()}`,
    );
    const [low, high] = order === 'oldest' ? [start, cursor] : [cursor, start];
    const named = this.#named.get(`${life} ${id}`) ?? new Set<number>();
    this.#named.set(`${life} ${id}`, named);
    for (const { nominal } of made) {
      const isIn = nominal >= Math.max(from, low) && nominal < Math.min(to, high) && !named.has(nominal);
      this.#findings.expect(isIn, () => `${nominal} was made twice, or is not between the cursors ${text()}`);
      named.add(nominal);
      const isKept = now.redo === 'missing' && this.#fires.isKept(life, nominal);
      this.#findings.expect(!isKept, () => `${nominal} was made, and has a fire that is kept ${text()}`);
    }
    const open = this.#fires.openOfBackfill(life, id);
    this.#findings.expect(
      made.length === 0 || open + made.length <= parallel,
      () => `${open + made.length} tasks are unfinished ${text()}`,
    );
  }
}

import type { LogLine } from './log-line.js';

/** Events that no injected fault explains: they show a defect of Drover. */
const NEVER = new Set(['term.failed', 'process.failed', 'record.invalid', 'api.failed']);

/** Counts the events in the logs of all processes, and collects those that must never be. */
export class ToldEvents {
  readonly #counts = new Map<string, number>();
  readonly #revoked = new Map<string, number>();
  /** One text for each log line that must not be. */
  readonly faults: string[] = [];
  #droppedResults = 0;
  readonly #waiting = new Set<() => void>();
  readonly #last = new Map<string, Set<string>>();

  add(member: string, line: LogLine): void {
    const { event } = line;
    if (event === undefined) return;
    this.#counts.set(event, this.count(event) + 1);
    this.#last.set(event, (this.#last.get(event) ?? new Set()).add(member));
    const tasks = typeof line.tasks === 'number' ? line.tasks : 0;
    if (event === 'assignment.revoked')
      this.#revoked.set(String(line.reason), this.revoked(String(line.reason)) + tasks);
    if (event === 'report.rejected') this.#droppedResults += tasks;
    if (NEVER.has(event)) this.faults.push(`${member} logged ${event}: ${JSON.stringify(line).slice(0, 2_000)}`);
    for (const look of this.#waiting) look();
  }

  count(event: string): number {
    return this.#counts.get(event) ?? 0;
  }

  /** The number of tasks that were taken away from workers for this reason. */
  revoked(reason: string): number {
    return this.#revoked.get(reason) ?? 0;
  }

  get revokedByReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#revoked);
  }

  /** The number of results that workers dropped because ZooKeeper had refused them. */
  get droppedResults(): number {
    return this.#droppedResults;
  }

  /** The number of members that have logged this event. */
  by(event: string): number {
    return this.#last.get(event)?.size ?? 0;
  }

  /** Resolves when so many different members have logged this event; rejects with the signal's reason. */
  until(event: string, members: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!signal.aborted && this.by(event) < members) return;
        this.#waiting.delete(look);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }
}

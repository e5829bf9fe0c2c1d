import { inBackground, uncaught, type Runtime, type Timer } from '@drover/runtime';
import type { Member, Role } from './member.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A process that ran this long is started again after the first, shortest pause. */
const STEADY_MS = 60_000;

export interface SupervisorOptions {
  runtime: Runtime;
  start: (role: Role, name: string) => Promise<Member>;
  /** A member has ended by itself, and is started again after `pauseMs`. */
  onEnded: (member: Member, code: number, pauseMs: number) => void;
  /** Called when it was started again. */
  onStarted: (member: Member) => void;
  /** Called when it could not be started. */
  onFailed: (name: string, error: unknown) => void;
}

/**
 * Starts members again that end by themselves, after pauses that double while they keep ending. A member that is
 * restarted on purpose (`restart`) does not count as one that died.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #deliberate = new Set<Member>();
  readonly #pauses = new Map<string, number>();
  readonly #timers = new Set<Timer>();
  #isOver = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  watch(member: Member): void {
    const since = this.#options.runtime.monotonic();
    const ended = member.exited.then((code) => this.#ended(member, code, this.#options.runtime.monotonic() - since));
    inBackground(ended, uncaught);
  }

  /** Stops it in order, and starts it again. `null`: it could not be started. */
  async restart(member: Member): Promise<Member | null> {
    this.#deliberate.add(member);
    await member.stop();
    this.#deliberate.delete(member);
    return this.#isOver ? null : this.#start(member.role, member.name);
  }

  /** From here on no member is started again. */
  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
  }

  #ended(member: Member, code: number, livedMs: number): void {
    if (this.#isOver || this.#deliberate.has(member)) return;
    const { runtime, onEnded } = this.#options;
    const pauseMs = livedMs > STEADY_MS ? FIRST_PAUSE_MS : (this.#pauses.get(member.name) ?? FIRST_PAUSE_MS);
    this.#pauses.set(member.name, Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
    onEnded(member, code, pauseMs);
    const timer = runtime.after(pauseMs, () => {
      this.#timers.delete(timer);
      inBackground(this.#start(member.role, member.name), uncaught);
    });
    this.#timers.add(timer);
  }

  async #start(role: Role, name: string): Promise<Member | null> {
    try {
      const member = await this.#options.start(role, name);
      this.watch(member);
      this.#options.onStarted(member);
      return member;
    } catch (error) {
      this.#options.onFailed(name, error);
      return null;
    }
  }
}

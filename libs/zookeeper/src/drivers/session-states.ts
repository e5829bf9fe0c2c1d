import { ZooKeeperError } from '../errors.js';
import type { SessionState } from '../port.js';

/**
 * The state of an adapter's session, and the listeners to its changes.
 *
 *     connecting ──► connected ◄──► suspended        any of them ──► expired | closed (final)
 */
export class SessionStates {
  #state: SessionState = 'connecting';
  readonly #listeners = new Set<(state: SessionState) => void>();

  get current(): SessionState {
    return this.#state;
  }

  get final(): boolean {
    return this.#state === 'expired' || this.#state === 'closed';
  }

  onChange(listener: (state: SessionState) => void): () => void {
    // A wrapper of its own, so that the same function may listen twice.
    const own = (state: SessionState): void => {
      listener(state);
    };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  connected(): void {
    this.#become('connected');
  }

  /** Before the first connection there is no session that could be in doubt. */
  disconnected(): void {
    if (this.#state === 'connected') this.#become('suspended');
  }

  expired(): void {
    this.#become('expired');
  }

  closed(): void {
    this.#become('closed');
  }

  async whenConnected(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#state === 'connected') return;
    this.throwIfFinal('connected');
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        forget();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        stop();
        reject(signal?.reason as Error);
      };
      const forget = this.onChange(() => {
        if (this.#state === 'suspended') return;
        stop();
        if (this.final) reject(this.finalError('connected', 'not-applied'));
        else resolve();
      });
      signal?.addEventListener('abort', abort);
    });
  }

  throwIfFinal(op: string, path?: string): void {
    if (this.final) throw this.finalError(op, 'not-applied', path);
  }

  finalError(op: string, outcome: 'not-applied' | 'unknown', path?: string): ZooKeeperError {
    const code = this.#state === 'expired' ? 'SESSION_EXPIRED' : 'CLOSED';
    return new ZooKeeperError({ code, op, outcome, ...(path === undefined ? {} : { path }) });
  }

  #become(state: SessionState): void {
    if (this.final || this.#state === state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

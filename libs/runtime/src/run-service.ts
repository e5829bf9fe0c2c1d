import { inBackground } from './in-background.js';
import { messageOf } from './message-of.js';
import type { Service } from './service.js';

export interface RunServiceOptions {
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal?: AbortSignal | undefined;
  /** Called when a stop is asked for, with the reason. */
  onStopping?: (reason: string) => void;
  /** Called once it works. */
  onReady?: () => void;
}

/**
 * Runs `service` until it is asked to stop, and returns when nothing of it is left. Rejects with the error of `start`,
 * or with the error that ended the service, also while it stops; a stop while it still starts is no error.
 */
export async function runService(
  service: Service,
  start: (signal: AbortSignal) => Promise<void>,
  options: RunServiceOptions = {},
): Promise<void> {
  const { signal, done } = options.signal === undefined ? stopSignals() : { signal: options.signal, done: nothing };
  let stopFailed!: (error: unknown) => void;
  const notStopped = new Promise<never>((_, reject) => (stopFailed = reject));
  const stop = (): void => {
    options.onStopping?.(messageOf(signal.reason));
    inBackground(service.stop(), stopFailed);
  };
  try {
    if (!(await hasStarted(start, signal))) return;
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    options.onReady?.();
    // A service that could not stop may never say that it has.
    await Promise.race([service.stopped, notStopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    await service.stop();
    done();
  }
}

/** False: it was asked to give up while it started. */
async function hasStarted(start: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<boolean> {
  try {
    await start(signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

const nothing = (): void => undefined;

/** Aborted, with the signal's name as its reason, when the process is asked to stop. */
function stopSignals(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const asked = (name: NodeJS.Signals): void => controller.abort(name);
  process.on('SIGTERM', asked);
  process.on('SIGINT', asked);
  const done = (): void => {
    process.off('SIGTERM', asked);
    process.off('SIGINT', asked);
  };
  return { signal: controller.signal, done };
}

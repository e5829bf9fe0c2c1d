/** Aborted, with the signal's name as its reason, when the process is asked to stop. */
export function stopSignals(): { signal: AbortSignal; done: () => void } {
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

/** Runs a function of a caller. Its error is reported, and breaks neither the stream nor the other callers. */
export class CallerErrors {
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void = warn) {
    this.#report = report;
  }

  guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
  }
}

function warn(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`a watcher or listener threw: ${text}`, 'ZooKeeperCallerWarning');
}

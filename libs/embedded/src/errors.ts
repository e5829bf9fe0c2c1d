/** Thrown when a server ended, or served nobody in time, instead of becoming ready. */
export class ZooKeeperStartError extends Error {
  override readonly name = 'ZooKeeperStartError';
  readonly logPath: string;
  /** The port was taken by somebody else between our look and the server's bind. */
  readonly portTaken: boolean;

  constructor(reason: string, details: { logPath: string; logTail: string }) {
    super(`ZooKeeper did not start: ${reason}. Its log: ${details.logPath}\n${details.logTail}`);
    this.logPath = details.logPath;
    this.portTaken = /BindException|Address already in use/.test(details.logTail);
  }
}

/** Thrown when a server was asked to listen where somebody else does. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(port: number) {
    super(`port ${port} of 127.0.0.1 is taken: choose another one, or none to get a free one`);
    this.port = port;
  }
}

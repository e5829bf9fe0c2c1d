/** Thrown when a server ended, or served nobody in time, instead of becoming ready. */
export class ZooKeeperStartError extends Error {
  override readonly name = 'ZooKeeperStartError';
  readonly logPath: string;
  /** True: another process took the port between the check and the server's bind. */
  readonly portTaken: boolean;

  constructor(reason: string, details: { logPath: string; logTail: string }) {
    super(`ZooKeeper did not start: ${reason}. Its log: ${details.logPath}\n${details.logTail}`);
    this.logPath = details.logPath;
    this.portTaken = /BindException|Address already in use/.test(details.logTail);
  }
}

/** Thrown when another process listens on the port that a server was to use. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(port: number) {
    super(`port ${port} of 127.0.0.1 is in use; choose another, or omit --port`);
    this.port = port;
  }
}

const OTHER_WAYS = `  - set DROVER_ZK=HOST:PORT to a ZooKeeper that is already running
  - start one in Docker: docker compose -f docker/compose.yaml up`;

/** Thrown when this machine has no ZooKeeper and none could be got. */
export class ZooKeeperNotFoundError extends Error {
  override readonly name = 'ZooKeeperNotFoundError';
  /** A line for each place, in order. */
  readonly tried: readonly string[];

  constructor(tried: readonly string[]) {
    super(`ZooKeeper was not found and could not be obtained.
${tried.map((line) => `  tried: ${line}`).join('\n')}
Do one of these:
  - install it (Debian, Ubuntu: apt-get install zookeeper; macOS: brew install zookeeper)
  - unpack a release of zookeeper.apache.org and set ZOOKEEPER_HOME to its folder
  - set DROVER_ZK_DIST to the address or the file of a release (apache-zookeeper-...-bin.tar.gz)
${OTHER_WAYS}`);
    this.tried = tried;
  }
}

/** Thrown when there is no Java to run ZooKeeper with. */
export class JavaNotFoundError extends Error {
  override readonly name = 'JavaNotFoundError';

  constructor(options?: ErrorOptions) {
    super(
      `ZooKeeper needs Java 8 or newer; none was found in JAVA_HOME, in PATH or in the usual places.
Do one of these:
  - install a JRE (Debian, Ubuntu: apt-get install default-jre-headless; macOS: brew install openjdk), or set JAVA_HOME
${OTHER_WAYS}`,
      options,
    );
  }
}

import { Frames, type Address, type Connection, type ConnectionListener, type Transport } from '@drover/zookeeper';

/** The client's end of a connection. The test decides the bytes that arrive. */
export class ScriptedConnection implements Connection {
  readonly address: Address;
  readonly frames = new Frames();
  listener: ConnectionListener;
  isGone = false;

  constructor(address: Address, listener: ConnectionListener) {
    this.address = address;
    this.listener = listener;
  }

  write(): void {
    // Requests are ignored: the script does not depend on them.
  }

  destroy(): void {
    this.isGone = true;
  }

  /** The server sends `bytes`, which arrive in chunks of these sizes, over and over. */
  receive(bytes: Uint8Array, sizes: readonly number[]): void {
    for (let at = 0, n = 0; at < bytes.length && !this.isGone; n++) {
      const size = sizes[n % sizes.length] ?? 1;
      this.frames.push(Buffer.from(bytes.subarray(at, at + size)));
      this.listener.received();
      at += size;
    }
  }

  /** The server goes away. */
  cut(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.listener.lost(new Error('cut'));
  }
}

/** Accepts every connection. `latest` is the one that the client has now, or tries to open. */
export class ScriptedServer {
  latest: ScriptedConnection | null = null;
  count = 0;
  readonly transport: Transport = (address, _tls, listener) => {
    const connection = new ScriptedConnection(address, listener);
    this.latest = connection;
    this.count++;
    queueMicrotask(() => {
      if (!connection.isGone) connection.listener.opened();
    });
    return connection;
  };
}

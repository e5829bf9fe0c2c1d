import type { ZooKeeperError } from '../errors.js';
import type { OneShotWatcher } from '../port.js';
import type { PacketReader } from './wire/reader.js';
import type { PacketWriter } from './wire/writer.js';

/**
 * The table in which the server keeps a one-shot watch. A watch by `exists` becomes a data watch if the znode exists.
 */
export type OneShotKind = 'data' | 'exists' | 'children';

/** One operation of the protocol: how it is written and read. There is one constant of it per operation. */
export interface RequestType<Args, Result> {
  /** The name of the call, for errors. */
  readonly name: string;
  readonly opcode: number;
  /** The kind of watch that a watcher of this request sets. */
  readonly watch?: OneShotKind;
  encode(writer: PacketWriter, args: Args): void;
  /** `path` as the caller gave it, for errors within the answer. Throws `ZooKeeperError` where the answer is one. */
  decode(reader: PacketReader, args: Args, path: string | undefined): Result;
  /** The result that stands for the server's error `code`; undefined: it is an error. */
  expected?(code: number): Result | undefined;
}

/** A request from the call to its answer. */
export class PendingRequest {
  readonly type: RequestType<unknown, unknown>;
  readonly args: unknown;
  /** The path as the caller gave it. */
  readonly path: string | undefined;
  /** The path with the chroot, at which the server has the watch. */
  readonly serverPath: string | undefined;
  readonly watcher: OneShotWatcher | undefined;
  readonly resolve: (value: never) => void;
  readonly reject: (error: ZooKeeperError) => void;
  readonly xid: number;
  bytes = 0;
  /** The time, by the monotonic clock, at which it was given to the connection. */
  sentMs = 0;
  /** The encoded packet while the request waits for its turn. */
  packet: Buffer | null = null;

  constructor(
    xid: number,
    call: Call<unknown, unknown>,
    resolve: (value: never) => void,
    reject: (error: ZooKeeperError) => void,
  ) {
    this.xid = xid;
    this.type = call.type;
    this.args = call.args;
    this.path = call.path;
    this.serverPath = call.serverPath;
    this.watcher = call.watcher;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** The request of a caller. */
export interface Call<Args, Result> {
  type: RequestType<Args, Result>;
  args: Args;
  path: string | undefined;
  serverPath: string | undefined;
  watcher: OneShotWatcher | undefined;
}

import type { PacketReader } from './reader.js';
import type { PacketWriter } from './writer.js';

/** The client's identity when a connection opens. */
export interface SessionIdentity {
  /** 0n: a new session is asked for. */
  sessionId: bigint;
  /** 16 bytes. */
  password: Buffer;
  /** The session timeout that the client asks for. */
  timeoutMs: number;
  /** The session timeout that was granted, if that is less. It is not sent, and paces the attempts to connect. */
  grantedMs: number;
  /** A server that has not seen this transaction yet closes the connection. */
  lastZxid: bigint;
}

export interface HandshakeReply {
  /** The timeout that the server granted; 0 or less: the session has expired. */
  timeoutMs: number;
  sessionId: bigint;
  password: Buffer;
}

export const NEW_PASSWORD = Buffer.alloc(16);

export function writeHandshake(writer: PacketWriter, identity: SessionIdentity): void {
  writer.begin();
  writer.int(0); // protocol version
  writer.long(identity.lastZxid);
  writer.int(identity.timeoutMs);
  writer.long(identity.sessionId);
  writer.data(identity.password);
  writer.bool(false); // no read-only servers
  writer.end();
}

export function readHandshake(reader: PacketReader): HandshakeReply {
  reader.int(); // protocol version
  const timeoutMs = reader.int();
  const sessionId = reader.long();
  return { timeoutMs, sessionId, password: Buffer.from(reader.data()) };
}

import { ZooKeeperError } from '../errors.js';
import type { Data } from '../port.js';
import { Fifo } from './fifo.js';
import { serverError } from './server-errors.js';
import { OPCODE, XID } from './wire/opcodes.js';
import type { PacketWriter } from './wire/writer.js';

const MAX_UNITS = 65_536;

interface Credential {
  scheme: string;
  credentials: Data;
  /** Settles the call of `authenticate` that gave the credentials, at the first answer. */
  settle: { resolve: () => void; reject: (error: ZooKeeperError) => void } | null;
}

/** The credentials of the session. They are sent on every connection, before anything else. */
export class Credentials {
  #all: Credential[];
  /** Sent on this connection, not yet answered. */
  #unanswered = new Fifo<Credential>();

  /** Throws `ZooKeeperError` `BAD_ARGUMENTS` for credentials that cannot be sent. */
  constructor(initial: readonly { scheme: string; credentials: Data }[]) {
    for (const { scheme, credentials } of initial) assertSendable(scheme, credentials);
    this.#all = initial.map(({ scheme, credentials }) => ({ scheme, credentials, settle: null }));
  }

  /**
   * Resolves when a server has accepted the credentials, on this connection or a later one. `writer`: that of the
   * present connection, if there is one.
   */
  add(scheme: string, credentials: Data, writer: PacketWriter | null): Promise<void> {
    return new Promise((resolve, reject) => {
      assertSendable(scheme, credentials);
      const credential: Credential = { scheme, credentials, settle: { resolve, reject } };
      this.#all.push(credential);
      if (writer !== null) this.#write(writer, credential);
    });
  }

  /** On a new connection. */
  writeAll(writer: PacketWriter): void {
    this.#unanswered = new Fifo();
    for (const credential of this.#all) this.#write(writer, credential);
  }

  /**
   * The server has answered the oldest unanswered credentials. `refused`: the call of `authenticate` fails, and they
   * are not sent again. `fatal`: they were given with the handle, or had been accepted before.
   */
  answered(serverCode: number): 'accepted' | 'refused' | 'fatal' {
    const credential = this.#unanswered.shift();
    if (credential === undefined) return 'accepted';
    const { settle } = credential;
    credential.settle = null;
    if (serverCode === 0) {
      settle?.resolve();
      return 'accepted';
    }
    if (settle === null) return 'fatal';
    this.#all = this.#all.filter((other) => other !== credential);
    settle.reject(serverError(serverCode, 'authenticate'));
    return 'refused';
  }

  /** The session ended. */
  failAll(error: ZooKeeperError): void {
    for (const credential of this.#all) {
      credential.settle?.reject(error);
      credential.settle = null;
    }
  }

  #write(writer: PacketWriter, credential: Credential): void {
    writer.begin();
    writer.int(XID.auth);
    writer.int(OPCODE.auth);
    writer.int(0);
    writer.string(credential.scheme);
    writer.data(credential.credentials);
    writer.end();
    this.#unanswered.push(credential);
  }
}

/** Credentials are checked when they are given: an error while a connection is set up would end the handle. */
function assertSendable(scheme: string, credentials: Data): void {
  const isText = typeof credentials === 'string';
  if (typeof scheme === 'string' && (isText || credentials instanceof Uint8Array)) {
    if (scheme.length + credentials.length <= MAX_UNITS) return;
  }
  throw new ZooKeeperError({
    code: 'BAD_ARGUMENTS',
    op: 'authenticate',
    outcome: 'not-applied',
    message: `scheme and credentials must be text or bytes, at most ${MAX_UNITS} together`,
  });
}

import type { FileToken } from '@drover/config';
import { hashToken, tokenIdOf, type TokenRecord } from '@drover/protocol';
import type { Caller } from '../caller.js';
import { isEqual } from '../sealed.js';

/** Why a token is not taken. */
export type TokenFault = 'malformed' | 'unknown' | 'expired';

interface KnownToken {
  readonly name: string;
  readonly sha256: string;
  readonly caller: Caller;
  readonly expiresAt: number | null;
}

/** A hash that no token has: an unknown id costs as much time as a known one. */
const NO_HASH = '0'.repeat(64);

/** The tokens that are good, from ZooKeeper and from the file; an id in both is the file's. */
export class TokenStore {
  #stored: ReadonlyMap<string, KnownToken> = new Map();
  #fromFile: ReadonlyMap<string, KnownToken> = new Map();
  /** ZooKeeper was read once: an id that is not known is none. */
  #isRead = false;

  get isRead(): boolean {
    return this.#isRead;
  }

  setStored(tokens: ReadonlyMap<string, TokenRecord>): void {
    this.#isRead = true;
    this.#stored = new Map([...tokens].map(([id, record]) => [id, known(id, record)]));
  }

  setFromFile(tokens: readonly FileToken[]): void {
    this.#fromFile = new Map(tokens.map((token) => [token.id, known(token.id, token)]));
  }

  /** The caller who has this token. */
  check(text: string, now: number): Caller | TokenFault {
    const id = tokenIdOf(text);
    if (id === null) return 'malformed';
    const token = this.#find(id);
    if (!isEqual(hashToken(text), token?.sha256 ?? NO_HASH) || token === undefined) return 'unknown';
    return isExpired(token, now) ? 'expired' : token.caller;
  }

  /** As the holder of the token with this id is now; null: it was revoked, or has expired. */
  caller(id: string, now: number): Caller | null {
    const token = this.#find(id);
    return token === undefined || isExpired(token, now) ? null : token.caller;
  }

  #find(id: string): KnownToken | undefined {
    return this.#fromFile.get(id) ?? this.#stored.get(id);
  }
}

const isExpired = ({ expiresAt }: KnownToken, now: number): boolean => expiresAt !== null && now >= expiresAt;

function known(
  id: string,
  {
    name,
    sha256,
    roles,
    queues,
    expiresAt,
  }: Omit<FileToken, 'id' | 'queues' | 'expiresAt'> & {
    queues?: readonly string[] | null | undefined;
    expiresAt?: number | null | undefined;
  },
): KnownToken {
  const caller: Caller = {
    name,
    auth: 'token',
    roles: [...roles],
    queues: queues === undefined || queues === null ? null : [...queues],
    token: id,
  };
  return { name, sha256, caller, expiresAt: expiresAt ?? null };
}

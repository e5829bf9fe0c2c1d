import { randomBytes } from 'node:crypto';
import {
  checkAsked,
  checkOptions,
  InvalidArgumentError,
  parseDuration,
  QUEUE_GLOB,
  ROLES,
  type Role,
} from '@drover/core';
import type { Log } from '@drover/observability';
import {
  decodeRecord,
  encodeRecord,
  formatToken,
  hashToken,
  TOKEN_ID,
  tokenPath,
  type TokenRecord,
  TOKENS,
} from '@drover/protocol';
import { messageOf } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { TokenNotFoundError } from '../errors.js';
import type { TokenOptions, Tokens, TokenView } from './api.js';

/** Tokens that expired so long ago are removed by whoever makes another. */
const KEPT_EXPIRED_MS = 30 * 86_400_000;
const ID_LENGTH = 10;
const ID_LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

export interface TokensHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  /** `act` may be called again after a lost connection. */
  write: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  now: () => number;
  log: Log;
}

/** `drover.tokens`: reads and writes the znodes itself, so that the first token needs no leader and no API. */
export class TokenClient implements Tokens {
  readonly #home: TokensHome;

  constructor(home: TokensHome) {
    this.#home = home;
  }

  async create(options: TokenOptions): Promise<TokenView & { secret: string }> {
    const { write, now } = this.#home;
    const { expiresMs, ...fields } = checkToken(options);
    const id = randomId();
    const secret = formatToken(id, randomBytes(32).toString('base64url'));
    const expires = expiresMs === null ? {} : { expiresAt: now() + expiresMs };
    const record = { ...fields, sha256: hashToken(secret), createdAt: now(), ...expires };
    const data = encodeRecord('token', record);
    // The id is our own: if it is there after a reply was lost, it is this token.
    await write((zk) => nullOn(zk.create(tokenPath(id), data), 'NODE_EXISTS'));
    await this.#removeExpired();
    return { ...viewOf(id, { v: 1, ...record }), secret };
  }

  async list(): Promise<TokenView[]> {
    const found = await this.#home.read(async (zk) => {
      const ids = (await nullOn(zk.children(TOKENS), 'NO_NODE')) ?? [];
      return Promise.all(ids.map((id) => this.#read(zk, id)));
    });
    return found.filter((token) => token !== null).sort((a, b) => b.createdAt - a.createdAt);
  }

  async revoke(id: string): Promise<TokenView | null> {
    if (!TOKEN_ID.test(id))
      throw new InvalidArgumentError('id', id, "the id of a token, as 'drover token ls' shows it");
    const token = await this.#home.read((zk) => this.#read(zk, id));
    // A repeated delete finds nothing where the first reply was lost; the token was there a moment ago.
    const isRemoved = await this.#home.write((zk) => remove(zk, id));
    if (token === null && !isRemoved) throw new TokenNotFoundError(id);
    return token;
  }

  async #read(zk: ZooKeeper, id: string): Promise<TokenView | null> {
    const path = tokenPath(id);
    const znode = await nullOn(zk.get(path), 'NO_NODE');
    if (znode === null) return null;
    try {
      return viewOf(id, decodeRecord('token', path, znode.data));
    } catch (error) {
      this.#home.log.event('record.invalid', { path, reason: messageOf(error) });
      return null;
    }
  }

  async #removeExpired(): Promise<void> {
    const before = this.#home.now() - KEPT_EXPIRED_MS;
    const old = (await this.list()).filter(({ expiresAt }) => expiresAt !== null && expiresAt < before);
    await this.#home.write((zk) => Promise.all(old.map(({ id }) => remove(zk, id))));
  }
}

/** False: it was not there. */
async function remove(zk: ZooKeeper, id: string): Promise<boolean> {
  const removed = zk.delete(tokenPath(id)).then(() => true);
  return (await nullOn(removed, 'NO_NODE')) !== null;
}

function viewOf(id: string, record: TokenRecord): TokenView {
  const { name, roles, queues = null, createdBy = null, createdAt, expiresAt = null } = record;
  return { id, name, roles, queues, createdBy, createdAt, expiresAt };
}

function randomId(): string {
  return [...randomBytes(ID_LENGTH)].map((byte) => ID_LETTERS[byte % ID_LETTERS.length] ?? '0').join('');
}

interface CheckedToken {
  name: string;
  roles: Role[];
  queues?: string[];
  createdBy?: string;
  /** Null: it does not expire. */
  expiresMs: number | null;
}

/** Throws `InvalidArgumentError`. */
function checkToken(options: TokenOptions): CheckedToken {
  checkOptions(options, ['name', 'roles', 'queues', 'expiresIn', 'by']);
  const { name, roles, queues, expiresIn, by } = options;
  if (typeof name !== 'string' || name.trim() === '' || name.length > 128)
    throw new InvalidArgumentError('name', name, 'a text of 1 to 128 characters');
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole))
    throw new InvalidArgumentError('roles', roles, `a list of some of ${ROLES.join(', ')}`);
  if (queues !== undefined && !areGlobs(queues))
    throw new InvalidArgumentError(
      'queues',
      queues,
      "a list of 1 to 100 names of queues, or beginnings such as 'images*'",
    );
  const { by: createdBy } = checkAsked({ by });
  return {
    name,
    roles: [...new Set(roles)],
    ...(queues === undefined ? {} : { queues: [...queues] }),
    ...(createdBy === undefined ? {} : { createdBy }),
    expiresMs: expiresIn === undefined ? null : parseExpiry(expiresIn),
  };
}

const isRole = (role: unknown): role is Role => ROLES.some((known) => known === role);

const areGlobs = (queues: unknown): boolean =>
  Array.isArray(queues) &&
  queues.length >= 1 &&
  queues.length <= 100 &&
  queues.every((glob) => typeof glob === 'string' && QUEUE_GLOB.test(glob));

function parseExpiry(expiresIn: unknown): number {
  const ms = parseDuration('expiresIn', expiresIn);
  if (ms >= 1_000) return ms;
  throw new InvalidArgumentError('expiresIn', expiresIn, 'at least one second, such as 90d');
}

import { randomBytes } from 'node:crypto';
import { encodeRecord, type SessionKeysRecord, SESSION_KEY } from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import type { SealKey } from '../sealed.js';
import type { AccessZnodes } from './access-znodes.js';

/** A new key comes so often, and the one before it stays good. */
const ROTATE_AFTER_MS = 7 * 86_400_000;
const VALID = 2;

/** The keys that all replicas share. */
export class SessionKeys {
  #keys: readonly SealKey[] = [];

  /** The newest first. Empty: none is known yet. */
  get all(): readonly SealKey[] {
    return this.#keys;
  }

  /** Takes those that were read, and writes a new one if it is time. Of two replicas that do so, one succeeds. */
  async take(found: AccessZnodes['sessionKeys'], zk: ZooKeeper, now: number): Promise<void> {
    const known = found?.record.keys ?? [];
    if (known.length > 0) this.#keys = known.map(toSealKey);
    const newest = known[0];
    if (newest !== undefined && now - newest.at < ROTATE_AFTER_MS) return;
    const keys = [freshKey(now), ...known].slice(0, VALID);
    const record = encodeRecord('sessionKeys', { ...found?.record, keys });
    // The watch tells of what was written, by whomever. Without the directory the root is not made yet: then a later one.
    if (found === null) {
      const created = await nullOn(zk.create(SESSION_KEY, record), 'NODE_EXISTS', 'NO_NODE');
      if (created !== null) this.#keys = keys.map(toSealKey);
    } else await nullOn(zk.set(SESSION_KEY, record, found.version), 'BAD_VERSION', 'NO_NODE');
  }
}

type StoredKey = SessionKeysRecord['keys'][number];

const toSealKey = ({ id, key }: StoredKey): SealKey => ({ id, key: Buffer.from(key, 'base64url') });

function freshKey(now: number): StoredKey {
  return { id: now.toString(36), key: randomBytes(32).toString('base64url'), at: now };
}

import { createHash } from 'node:crypto';
import { isEqual, sign, type SealKey } from './sealed.js';

export const REPLICA_HEADER = 'drover-replica';
/** Clocks of hosts differ, and a request takes its time. */
const GOOD_FOR_MS = 30_000;

/** The request that a proof is for. */
export interface Proven {
  readonly method: string;
  readonly url: string;
  /** Empty: it has none. */
  readonly body: string;
}

/** `<key id>.<milliseconds>.<hash of the body>.<signature>`: good for this method, path and body. */
export function replicaProof({ method, url, body }: Proven, now: number, key: SealKey): string {
  const hash = hashOf(body);
  return `${key.id}.${now}.${hash}.${sign(signed(method, url, String(now), hash), key)}`;
}

const PROOF = /^([0-9a-z]{1,16})\.(\d{1,15})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** Whether another replica signed it a moment ago, for this method and path. Its body is told by `isProvenBody`. */
export function isReplicaProof(
  proof: string,
  { method, url }: Omit<Proven, 'body'>,
  keys: readonly SealKey[],
  now: number,
): boolean {
  const [, id, at = '', hash = '', signature = ''] = PROOF.exec(proof) ?? [];
  const key = keys.find((known) => known.id === id);
  if (key === undefined || Math.abs(now - Number(at)) > GOOD_FOR_MS) return false;
  return isEqual(signature, sign(signed(method, url, at, hash), key));
}

/** Whether a proof, which is good, is for this body. */
export const isProvenBody = (proof: string, body: string): boolean => PROOF.exec(proof)?.[3] === hashOf(body);

const hashOf = (body: string): string => createHash('sha256').update(body).digest('base64url');

const signed = (method: string, url: string, at: string, hash: string): string => `${method}\n${url}\n${at}\n${hash}`;

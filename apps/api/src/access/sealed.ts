import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key that all replicas have. */
export interface SealKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The purpose is part of the key: what is sealed for one is worth nothing for another. */
export type Purpose = 'session' | 'login' | 'replica';

const derived = (key: Uint8Array, purpose: Purpose): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `drover ${purpose}`, 32));

/** `<key id>.<base64url of iv, ciphertext and tag>`: nobody without the key can read or change it. */
export function seal(purpose: Purpose, value: unknown, { id, key }: SealKey): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derived(key, purpose), iv);
  const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(value), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${id}.${sealed.toString('base64url')}`;
}

const SEALED = /^([0-9a-z]{1,16})\.([A-Za-z0-9_-]{38,4096})$/;

/** Null: it was not sealed for this purpose with one of these keys, or was changed. */
export function open(purpose: Purpose, text: string, keys: readonly SealKey[]): unknown {
  const [, id, body = ''] = SEALED.exec(text) ?? [];
  const found = keys.find((key) => key.id === id);
  if (found === undefined) return null;
  const bytes = Buffer.from(body, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', derived(found.key, purpose), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8'));
  } catch {
    return null;
  }
}

/** Signs a text for replicas. */
export const sign = (text: string, { key }: SealKey): string =>
  createHmac('sha256', derived(key, 'replica')).update(text).digest('base64url');

/** In a time that tells nothing of where they differ. */
export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

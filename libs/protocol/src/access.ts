import { ROLES } from '@drover/core';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { version as v } from './json.js';

/** `/access/tokens/<id>`. The secret itself is nowhere. */
export const tokenSchema = z.looseObject({
  v,
  /** Of the person or the program that has it, for people to read. */
  name: z.string(),
  /** SHA-256 of the whole token, in hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  roles: z.array(z.enum(ROLES)),
  /** Names or beginnings with `*` of the queues that it may see and change; absent: all. */
  queues: z.array(z.string()).optional(),
  createdAt: z.number(),
  createdBy: z.string().optional(),
  /** Absent: it does not expire. */
  expiresAt: z.number().optional(),
});
export type TokenRecord = z.output<typeof tokenSchema>;

/** `/access/session-key`: the newest first, which seals; all of them open. */
export const sessionKeysSchema = z.looseObject({
  v,
  keys: z
    .array(
      z.looseObject({
        id: z.string().regex(/^[0-9a-z]{1,16}$/),
        /** 32 random bytes, base64url. */
        key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
        at: z.number(),
      }),
    )
    .min(1)
    .max(4),
});
export type SessionKeysRecord = z.output<typeof sessionKeysSchema>;

/** The id of a token is not secret: it is shown in lists, and names the znode. */
export const TOKEN_ID = /^[0-9a-z]{10,32}$/;
const TOKEN = /^drv_([0-9a-z]{10,32})_[A-Za-z0-9_-]{43}$/;

/** `drv_<id>_<32 random bytes as base64url>`. */
export const formatToken = (id: string, random: string): string => `drv_${id}_${random}`;

/** The id of what may be a token; `null`: the text is none. */
export const tokenIdOf = (token: string): string | null => TOKEN.exec(token)?.[1] ?? null;

/** As it is stored: a token has 256 random bits, so a plain hash keeps it secret. */
export const hashToken = (token: string): string => bytesToHex(sha256(utf8ToBytes(token)));

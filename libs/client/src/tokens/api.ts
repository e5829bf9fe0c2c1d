import type { Duration, Role } from '@drover/core';

/** A token of the API, without its secret. */
export interface TokenView {
  readonly id: string;
  /** Of the person or the program that has it. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** Names of queues that it may see and change, or beginnings such as `images*`; null: all. */
  readonly queues: readonly string[] | null;
  readonly createdBy: string | null;
  readonly createdAt: number;
  /** Null: it does not expire. */
  readonly expiresAt: number | null;
}

export interface TokenOptions {
  name: string;
  roles: readonly Role[];
  /** Default: all. */
  queues?: readonly string[];
  /** Default: it does not expire. */
  expiresIn?: Duration;
  /** The person who makes it; at most 128 characters. */
  by?: string;
}

/** Tokens of the HTTP API, in ZooKeeper: every scheduler follows them, so that a change counts within a second. */
export interface Tokens {
  /** `secret` is the token itself. It is told here only. Throws `InvalidArgumentError`. */
  create(options: TokenOptions): Promise<TokenView & { readonly secret: string }>;
  /** The newest first. One that cannot be read is logged and left out. */
  list(): Promise<TokenView[]>;
  /** Resolves with the token that there was. Rejects with `TokenNotFoundError`. */
  revoke(id: string): Promise<TokenView | null>;
}

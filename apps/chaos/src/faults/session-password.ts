/** `ZooKeeperServer.superSecret`: the same in every ZooKeeper. */
const SUPER_SECRET = 0xb3415c00n;
const PASSWORD_BYTES = 16;

/**
 * The password of a session, which ZooKeeper makes from its id alone: the first bytes of `java.util.Random`, seeded with
 * the id. So anybody who can read an ephemeral znode's owner can attach to its session.
 */
export function sessionPassword(sessionId: bigint): Buffer {
  const nextInt = javaRandom(sessionId ^ SUPER_SECRET);
  const password = Buffer.alloc(PASSWORD_BYTES);
  for (let at = 0; at < PASSWORD_BYTES; at += 4) password.writeInt32LE(nextInt(), at);
  return password;
}

/** `new java.util.Random(seed).nextInt()`: a linear congruential generator of 48 bits, of which the upper 32 count. */
function javaRandom(seed: bigint): () => number {
  const multiplier = 0x5deece66dn;
  let state = BigInt.asUintN(48, seed ^ multiplier);
  return () => {
    state = BigInt.asUintN(48, state * multiplier + 0xbn);
    return Number(BigInt.asIntN(32, state >> 16n));
  };
}

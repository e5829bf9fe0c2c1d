const VERSION_AND_ID_BYTES = 16;
const HEAD_BYTES = VERSION_AND_ID_BYTES + 4;

/**
 * The first bytes that a server sends to another one's election port, with its own address left out. The other server
 * would connect to that address, past the proxies; without it, it uses the address in its configuration, which is that
 * of a proxy. `undefined`: more bytes are needed.
 *
 * The bytes are a protocol version, the server's id (8 bytes each), the length of the address (4) and the address.
 * Older servers sent the id alone, and newer ones still accept that: ids are not negative, versions are.
 */
export function withoutAddress(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 8) return undefined;
  if (bytes.readBigInt64BE() >= 0n) return bytes;
  if (bytes.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + bytes.readInt32BE(VERSION_AND_ID_BYTES);
  if (bytes.length < end) return undefined;
  return Buffer.concat([bytes.subarray(8, VERSION_AND_ID_BYTES), bytes.subarray(end)]);
}

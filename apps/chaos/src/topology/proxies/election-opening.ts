const VERSION_AND_ID_BYTES = 16;
const HEAD_BYTES = VERSION_AND_ID_BYTES + 4;

/**
 * What a server says when it connects to another one's election port, without the address at which it listens itself:
 * the other one would connect to that, past its proxies. Without one it takes the address that its own configuration
 * has. `undefined`: more bytes are needed.
 *
 * The bytes are a protocol version, the server's id (8 bytes each), the length of the address (4) and the address. In
 * the protocol before the versions they were the id alone, and servers still understand that: no version is positive.
 */
export function withoutAddress(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 8) return undefined;
  if (bytes.readBigInt64BE() >= 0n) return bytes;
  if (bytes.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + bytes.readInt32BE(VERSION_AND_ID_BYTES);
  if (bytes.length < end) return undefined;
  return Buffer.concat([bytes.subarray(8, VERSION_AND_ID_BYTES), bytes.subarray(end)]);
}

/** The wire format, for a simulated server. */
export { OPCODE, XID } from './opcodes.js';
export { MalformedPacketError, PacketReader } from './reader.js';
export { PacketWriter } from './writer.js';
export { readAcl, writeAcl } from './stat.js';

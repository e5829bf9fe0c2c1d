/** The wire format, for whoever speaks the other side of it: a simulated server. */
export { OPCODE, XID } from './opcodes.js';
export { MalformedPacketError, PacketReader } from './reader.js';
export { PacketWriter } from './writer.js';
export { readAcl, writeAcl } from './stat.js';

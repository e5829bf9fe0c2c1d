import type { WatchPaths } from './watches.js';
import { OPCODE, XID } from './wire/opcodes.js';
import type { PacketWriter } from './wire/writer.js';

/** One packet with all watches would pass a server's limit at some ten thousand; it cuts the connection then. */
const MAX_PIECE_BYTES = 120 * 1024;

/** Kinds in the order in which they are set: if a path has two watches, servers before 3.9 keep the mode set last. */
const KINDS = ['data', 'exists', 'children', 'persistent', 'recursive'] as const satisfies (keyof WatchPaths)[];

/** The watches to set again, in pieces of less than 128 KiB. One-shot watches come first. */
export function rewatchPieces(paths: WatchPaths, maxBytes = MAX_PIECE_BYTES): WatchPaths[] {
  const pieces: WatchPaths[] = [];
  let piece = noPaths();
  let bytes = 0;
  for (const kind of KINDS) {
    for (const path of paths[kind]) {
      const size = 4 + Buffer.byteLength(path);
      if (bytes === 0 || bytes + size > maxBytes) {
        piece = noPaths();
        pieces.push(piece);
        bytes = 0;
      }
      piece[kind].push(path);
      bytes += size;
    }
  }
  return pieces;
}

function noPaths(): WatchPaths {
  return { data: [], exists: [], children: [], persistent: [], recursive: [] };
}

/** `lastZxid`: the server fires the one-shot watches of znodes that changed after it. */
export function writeRewatch(writer: PacketWriter, piece: WatchPaths, lastZxid: bigint): void {
  const old = piece.persistent.length === 0 && piece.recursive.length === 0;
  writer.begin();
  writer.int(XID.setWatches);
  // Servers before 3.6 know only the first; they have no other watches either.
  writer.int(old ? OPCODE.setWatches : OPCODE.setWatches2);
  writer.long(lastZxid);
  writer.strings(piece.data);
  writer.strings(piece.exists);
  writer.strings(piece.children);
  if (!old) {
    writer.strings(piece.persistent);
    writer.strings(piece.recursive);
  }
  writer.end();
}

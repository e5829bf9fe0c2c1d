import fc from 'fast-check';
import { Frames } from '@drover/zookeeper';
import { MalformedPacketError, PacketReader } from '@drover/zookeeper/wire';
import { damaged } from '../mutations.js';
import type { Target } from '../target.js';

const anyStream = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { maxLength: 8 })
  .map((bodies) => new Uint8Array(Buffer.concat(bodies.flatMap((body) => [lengthOf(body), body]))));
const anyCuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

/** The bytes of a connection, below any meaning. */
export function streamTargets(): Target[] {
  const frames = fc.property(fc.oneof(anyStream, damaged(anyStream)), anyCuts, checkFrames);
  const fields = fc.property(
    fc.uint8Array({ maxLength: 120 }),
    fc.array(fc.constantFrom(...READS), { maxLength: 20 }),
    checkFields,
  );
  return [
    { name: 'frames', share: 1, property: frames },
    { name: 'fields of a packet', share: 1, property: fields },
  ];
}

function lengthOf(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return length;
}

/** However it is cut, the same frames come out, and the stream breaks off at the same place. */
function checkFrames(stream: Uint8Array, sizes: readonly number[]): void {
  const whole = framesOf([Buffer.from(stream)]);
  const chunks: Buffer[] = [];
  for (let at = 0, n = 0; at < stream.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    chunks.push(Buffer.from(stream.subarray(at, at + size)));
    at += size;
  }
  const cut = framesOf(chunks);
  if (whole.join() !== cut.join()) throw new Error(`[${whole.join()}] in one piece, [${cut.join()}] in pieces`);
}

function framesOf(chunks: readonly Buffer[]): string[] {
  const frames = new Frames();
  const found: string[] = [];
  try {
    for (const chunk of chunks) {
      frames.push(chunk);
      while (frames.next()) found.push(frames.bytes.toString('hex', frames.start, frames.end));
    }
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
    found.push('malformed');
  }
  return found;
}

const READS = ['bool', 'int', 'long', 'safeLong', 'string', 'strings', 'data'] as const;

/** Nothing is read past the end, and nothing is larger than the packet. */
function checkFields(bytes: Uint8Array, reads: readonly (typeof READS)[number][]): void {
  const reader = new PacketReader();
  const packet = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(7, 0xff)]);
  reader.reset(packet, 7, 7 + bytes.length);
  try {
    for (const read of reads) {
      const value = reader[read]();
      if (typeof value === 'object' && value.length > bytes.length) throw new Error(`${read}: more than there is`);
      if (reader.remaining < 0) throw new Error(`${read}: read past the end`);
    }
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
  }
}

import type { Range } from '@drover/core';
import type { NoteRecord } from '@drover/protocol';
import type { FlowState } from './flow-state.js';
import type { BookState } from './state.js';

/** A znode of notes is not larger, but for one note that is larger by itself. */
const MAX_BYTES = 200 * 1024;

const encoder = new TextEncoder();
export const bytesOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

/** The note is written with the next turn, after those before it. The name of its znode. */
export function addNote(state: BookState, flow: FlowState, note: NoteRecord): string {
  state.touched.add(flow);
  const bytes = bytesOf(note);
  const last = flow.notes.at(-1);
  if (last !== undefined && last.bytes + bytes <= MAX_BYTES && note.kind !== 'signal') {
    last.notes.push(note);
    last.bytes += bytes + 1;
    return last.name;
  }
  const name = state.noteName();
  flow.notes.push({ name, notes: [note], bytes });
  return name;
}

/** As records have them. */
export const mutable = (ranges: readonly Range[]): [number, number][] => ranges.map(([from, to]) => [from, to]);

import type { ReadRecord, RunEnd } from '@drover/protocol';
import { runState } from './codes.js';
import { outcomeOf } from './ends.js';
import type { FlowState } from './flow-state.js';
import { addNote } from './notes.js';
import { readsOf } from './reads.js';
import type { BookState } from './state.js';

type End = [number, number, RunEnd] | [number, number, RunEnd, string];

/** Runs whose ends one note tells: their outputs fit it. */
const MAX_RUNS_OF_NOTE = 100;

/** Notes the ends of runs since the last turn: runs that follow each other and ended alike are one stretch. */
export function noteEnds(state: BookState, flow: FlowState): void {
  const runs = flow.ending.splice(0).sort((a, b) => a - b);
  for (let at = 0; at < runs.length; at += MAX_RUNS_OF_NOTE)
    noteSome(state, flow, runs.slice(at, at + MAX_RUNS_OF_NOTE));
}

function noteSome(state: BookState, flow: FlowState, runs: readonly number[]): void {
  const ends: End[] = [];
  const outputs: ReadRecord[] = [];
  for (const run of runs) {
    const end = runState(flow.runs[run] ?? 0) as RunEnd;
    const reason = end === 'succeeded' ? undefined : (flow.invalid ?? outcomeOf(flow, run).reason);
    const last = ends.at(-1);
    if (last?.[1] === run && last[2] === end && last[3] === reason) last[1] = run + 1;
    else ends.push(reason === undefined ? [run, run + 1, end] : [run, run + 1, end, reason]);
  }
  for (const [from, to, end] of ends)
    if (end === 'succeeded') outputs.push(...readsOf(flow, flow.plan?.output ?? [], from, to));
  for (const [from, to, end, reason] of ends) flow.ends.push({ from, to, state: end, reason, at: state.now });
  addNote(state, flow, { kind: 'ended', ends, ...(outputs.length === 0 ? {} : { outputs }), at: state.now });
}

/** How many runs have ended how. */
export function countEnds(flow: FlowState): Record<RunEnd, number> {
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const phase of flow.runs) {
    const state = runState(phase);
    if (state !== 'waiting' && state !== 'running') counts[state]++;
  }
  return counts;
}

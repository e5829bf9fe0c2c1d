import { readFile } from 'node:fs/promises';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  FINAL_STATES,
  TASK_STATES,
  TASK_TRANSITIONS,
  canMove,
  isFinal,
  statesDocument,
  type TaskState,
} from './states.js';

const anyState = fc.constantFrom(...TASK_STATES);

testProp('a move is allowed exactly when the table has it', [anyState, anyState], (t, from, to) => {
  t.is(canMove(from, to), (TASK_TRANSITIONS[from] as readonly TaskState[]).includes(to));
  t.false(canMove(from, from), 'to stay is no move');
});

testProp('a final state is left by a requeue of a failed task only', [anyState, anyState], (t, from, to) => {
  if (isFinal(from) && canMove(from, to)) t.deepEqual([from, to], ['failed', 'pending']);
  else t.pass();
});

test('every state can be reached from a submit, and leads to an end', (t) => {
  t.deepEqual([...reachable('scheduled')].sort(), [...TASK_STATES].sort());
  for (const state of TASK_STATES)
    t.true(
      FINAL_STATES.some((final) => reachable(state).has(final)),
      state,
    );
});

function reachable(from: TaskState): Set<TaskState> {
  const seen = new Set<TaskState>([from]);
  for (const state of seen) for (const next of TASK_TRANSITIONS[state]) seen.add(next);
  return seen;
}

test('docs/states.md is what the table says (else: node tools/states.mjs, after a build)', async (t) => {
  const path = new URL('../../../../docs/states.md', import.meta.url);
  // Prettier aligns the columns of tables; what they say is the same.
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  t.is(plain(await readFile(path, 'utf8')), plain(statesDocument()));
});

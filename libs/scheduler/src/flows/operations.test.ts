import { LIMITS } from '@drover/core';
import { flowPath, notePath } from '@drover/protocol';
import test from 'ava';
import { removeFlowOperations } from './operations.js';

const FLOW = '01M82JVEMPWW3M3KR0SECPNVN7';

test('a flow with more notes than a transaction takes is removed in pieces, and goes last', (t) => {
  for (const count of [0, 1, LIMITS.multiOperations - 2, LIMITS.multiOperations - 1, 2 * LIMITS.multiOperations]) {
    const notes = Array.from({ length: count }, (_, n) => `e1-${n}`);
    const pieces = removeFlowOperations(FLOW, notes);
    t.deepEqual(
      pieces.flat(),
      [...notes.map((note) => notePath(FLOW, note)), flowPath(FLOW)].map((path) => ({ op: 'delete', path })),
    );
    // Beside the check of the epoch.
    t.true(
      pieces.every((piece) => piece.length > 0 && piece.length < LIMITS.multiOperations),
      String(count),
    );
  }
});

import test from 'ava';
import type { SessionState } from '../port.js';
import { SESSION_TRANSITIONS, isFinal, mayBecome } from './session-states.js';

const states = Object.keys(SESSION_TRANSITIONS) as SessionState[];

test('expired and closed are final, nothing else is', (t) => {
  t.deepEqual(states.filter(isFinal), ['expired', 'closed']);
});

test('a session that was connected never goes back to connecting', (t) => {
  t.false(states.some((state) => mayBecome(state, 'connecting')));
});

test('a connected session is suspended before it can be expired: the server says so on a new connection', (t) => {
  t.false(mayBecome('connected', 'expired'));
  t.true(mayBecome('suspended', 'expired'));
});

test('every state that is not final can be closed', (t) => {
  for (const state of states) t.is(mayBecome(state, 'closed'), !isFinal(state));
});

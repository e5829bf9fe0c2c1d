import { isFinal, TASK_STATES } from '@drover/core';
import test from 'ava';
import { isFinalPlace, PLACE, stateOfPlace } from './tasks.js';

const places = Object.values(PLACE);

test('each state of the table has a place, but those that the leader cannot tell from another', (t) => {
  const states = new Set(places.map(stateOfPlace));
  t.deepEqual(
    TASK_STATES.filter((state) => !states.has(state as never)),
    ['scheduled', 'running'],
    'scheduled: fresh, in a run that is not due; running: out, only workers know',
  );
});

test('a place is final exactly when its state is, whatever its number', (t) => {
  for (const place of places) t.is(isFinalPlace(place), isFinal(stateOfPlace(place)));
});

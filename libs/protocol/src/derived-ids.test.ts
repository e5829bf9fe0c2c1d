import test from 'ava';
import { isBatchId, timeOfBatch } from '@drover/core';
import { becomeId, draftId, firedId } from './derived-ids.js';

const BATCH = '01M82JVEMPWW3M3KR0SECPNVN7';

test('an id follows from its assignment, task and chunk, and is like no other', (t) => {
  const ids = [0, 1].flatMap((index) => [
    becomeId(BATCH, `${BATCH}.e1-2`, index),
    ...[0, 1, 11].map((chunk) => draftId(BATCH, `${BATCH}.e1-2`, index, chunk)),
    draftId(BATCH, `${BATCH}.e1-21`, index, 1),
  ]);
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) {
    t.true(isBatchId(id), id);
    t.is(timeOfBatch(id), timeOfBatch(BATCH));
  }
  t.is(draftId(BATCH, `${BATCH}.e1-2`, 0, 1), draftId(BATCH, `${BATCH}.e1-2`, 0, 1));
});

test('what a fire starts has an id of its own, with the time at which the fire is due', (t) => {
  const fire = { schedule: 'nightly', nominal: Date.UTC(2026, 2, 30), due: Date.UTC(2026, 2, 30, 0, 5), n: 7 };
  const id = firedId(fire);
  t.true(isBatchId(id), id);
  t.is(timeOfBatch(id), fire.due);
  t.is(firedId({ ...fire }), id);
  const others = [{ n: 8 }, { schedule: 'nightl', n: 7 }, { nominal: fire.nominal + 1 }];
  t.is(new Set([id, ...others.map((other) => firedId({ ...fire, ...other }))]).size, 4);
});

import test from 'ava';
import { decideElection, nextEpoch, type ElectionView } from './election.decide.js';

const MINE = 10n;
const view = (fields: Partial<ElectionView>): ElectionView => ({
  epoch: { epoch: 7, version: 6 },
  leader: null,
  session: MINE,
  earlierSessions: [8n, 9n],
  seenEpoch: 0,
  ...fields,
});
const leader = (owner: bigint, id = 'me', epoch = 7) => ({ owner, version: 3, id, epoch });

test('where nobody leads we campaign for the epoch after the last, at the version that was read', (t) => {
  t.deepEqual(decideElection(view({})), { kind: 'campaign', epoch: 8, version: 6 });
});

test('the first epoch of all is created', (t) => {
  t.deepEqual(decideElection(view({ epoch: null })), { kind: 'campaign', epoch: 1, version: null });
});

test('what our session owns is renewed, at the versions of both znodes', (t) => {
  const step = decideElection(view({ leader: leader(MINE) }));
  t.deepEqual(step, { kind: 'renew', epoch: 8, version: 6, leaderVersion: 3 });
});

test('a leader with our id but of another session proves nothing: it is followed', (t) => {
  t.deepEqual(decideElection(view({ leader: leader(99n, 'me') })), { kind: 'follow', leader: 'me', epoch: 7 });
});

test('a leader that was elected between the two reads is followed in its own epoch', (t) => {
  const step = decideElection(view({ epoch: null, leader: leader(99n, 'other', 1) }));
  t.deepEqual(step, { kind: 'follow', leader: 'other', epoch: 1 });
});

test('what an earlier session of this process left is deposed, guarded by the epoch', (t) => {
  t.deepEqual(decideElection(view({ leader: leader(9n) })), { kind: 'depose', version: 6 });
});

test('without an epoch nothing is deposed, for nothing would guard it', (t) => {
  t.is(decideElection(view({ epoch: null, leader: leader(9n) })).kind, 'follow');
});

test('without an epoch the owner of /leader makes one, higher than what it has seen', (t) => {
  const step = decideElection(view({ epoch: null, leader: leader(MINE), seenEpoch: 20 }));
  t.deepEqual(step, { kind: 'renew', epoch: 21, version: null, leaderVersion: 3 });
});

test('epochs grow whatever the record says, since the version grows', (t) => {
  t.is(nextEpoch({ epoch: 0, version: 41 }, 0), 43);
  t.is(nextEpoch({ epoch: 100, version: 3 }, 0), 101);
  t.is(nextEpoch({ epoch: 5, version: 3 }, 30), 31);
});

import test from 'ava';
import { decideMembership } from './membership.decide.js';

const ours = { session: 10n, earlierSessions: [8n, 9n] };

test('only what our current session owns counts as our registration', (t) => {
  t.is(decideMembership({ ...ours, owner: 10n }), 'registered');
  t.is(decideMembership({ ...ours, owner: null }), 'create');
  t.is(decideMembership({ ...ours, owner: 9n }), 'remove-leftover');
  t.is(decideMembership({ ...ours, owner: 11n }), 'wait');
});

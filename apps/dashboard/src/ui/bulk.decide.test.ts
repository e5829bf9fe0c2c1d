import test from 'ava';
import { filterOfIds, goOnLine, whatIsMissing } from './bulk.decide.js';

const form = { count: 12, typed: '', reason: 'the provider is back', rate: '' };

test('a reason is always needed, the number above a thousand only', (t) => {
  t.is(whatIsMissing(form), null);
  t.is(whatIsMissing({ ...form, reason: '  ' }), 'A reason is needed');
  t.is(whatIsMissing({ ...form, count: 1_000 }), null);
  t.is(whatIsMissing({ ...form, count: 1_200 }), 'Type the number of tasks');
  t.is(whatIsMissing({ ...form, count: 1_200, typed: '1,200' }), null);
  t.is(whatIsMissing({ ...form, count: 1_200, typed: '1201' }), 'Type the number of tasks');
});

test('nothing begins where nothing matches, or with a rate that is none', (t) => {
  t.is(whatIsMissing({ ...form, count: 0 }), 'No task matches');
  t.not(whatIsMissing({ ...form, rate: 'fast' }), null);
  t.not(whatIsMissing({ ...form, rate: '0' }), null);
  t.is(whatIsMissing({ ...form, rate: '50' }), null);
});

test('tasks that are selected are a filter', (t) => {
  t.is(filterOfIds(['a.1', 'a.2']), 'id:a.1,a.2');
});

test('what an operation left over is gone on with by a command', (t) => {
  const rest = { filter: "queue:mail error:can't", cursor: 'a.1', reason: 'tidy' };
  t.is(
    goOnLine({ ...rest, action: 'retry' }),
    "drover retry --filter 'queue:mail error:can'\\''t' --reason 'tidy' --from 'a.1'",
  );
  t.regex(
    goOnLine({ ...rest, action: 'retry', toQueue: 'b' }),
    /^drover dead redrive '.*' --to-queue b --reason 'tidy'$/,
  );
  t.regex(goOnLine({ ...rest, action: 'purge' }), /^drover dead purge '.*' --reason 'tidy'$/);
});

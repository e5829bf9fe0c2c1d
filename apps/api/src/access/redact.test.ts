import test from 'ava';
import { isHiddenZnode, Redaction, withoutPayloads } from './redact.js';

test('whoever looks sees no secrets, and nothing that the operator named', (t) => {
  const redaction = new Redaction(['iban', '*card*']);
  const value = {
    ...{ user: 'ada', password: 'x', iban: 'DE00', creditCard: { number: 4 }, 'api-key': 'k' },
    ...{ list: [{ token: 't' }, 'http://a:b@host/'], nothing: null, IBAN: null },
  };
  t.deepEqual(redaction.shown(value), {
    ...{ user: 'ada', password: '[redacted]', iban: '[redacted]', creditCard: '[redacted]', 'api-key': '[redacted]' },
    ...{ list: [{ token: '[redacted]' }, 'http://[redacted]@host/'], nothing: null, IBAN: null },
  });
});

test('the program that waits gets its result as it is, but for what the operator named', (t) => {
  const value = { key: 'a/b', token: 't', iban: 'DE00' };
  t.deepEqual(new Redaction(['iban']).returned(value), { ...value, iban: '[redacted]' });
  t.is(new Redaction([]).returned(value), value);
});

test('depth and names of any kind are survived', (t) => {
  const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
  t.notThrows(() => JSON.stringify(new Redaction([]).shown(deep)));
  const odd = JSON.parse('{"__proto__":{"password":"x"},"a.b":1}') as object;
  t.is(JSON.stringify(new Redaction(['a.b']).shown(odd)), '{"__proto__":{"password":"[redacted]"},"a.b":"[redacted]"}');
  t.false(JSON.stringify(new Redaction(['a?b', '***x***']).shown({ 'a.b': 1, yxz: 2 })).includes('2'));
});

test('a task is shown without what it carries', (t) => {
  const task = { id: 'x', payload: 1, result: 2, history: [{ attempt: 1, log: [], result: 3, worker: 'w' }] };
  t.deepEqual(withoutPayloads(task) as object, { id: 'x', history: [{ attempt: 1, worker: 'w' }] });
});

test('hashes of tokens and keys are hidden', (t) => {
  for (const path of ['/access', '/access/tokens', '/access/session-key']) t.true(isHiddenZnode(path));
  t.false(isHiddenZnode('/accessible'));
});

import test from 'ava';
import { cureOf, quoted } from './attention.decide.js';

test('what needs attention leads to where it is mended', (t) => {
  const item = { severity: 'warn', text: '' } as const;
  t.is(
    cureOf({ ...item, code: 'type-unserved', type: 'image:resize' })?.to,
    '/tasks?q=state%3Apending%20type%3Aimage%3Aresize',
  );
  t.is(cureOf({ ...item, code: 'queue-paused', queue: 'mail' })?.to, '/queues/mail');
  t.is(cureOf({ ...item, code: 'failing' })?.to, '/failures');
});

test('a value of a filter is put in quotes where it has to be', (t) => {
  t.is(quoted('image:resize'), 'image:resize');
  t.is(quoted('a "b", c*'), '"a \\"b\\", c*"');
});

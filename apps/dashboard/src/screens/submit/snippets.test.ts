import test from 'ava';
import { asCommand, asCurl, asTypeScript, bodyOf, literal, quoted } from './snippets.js';

const draft = {
  type: 'image:resize',
  payload: '{ "path": "it\'s.png" }',
  options: { queue: 'images', maxAttempts: '5', limits: 'gpu,stripe/acme' },
};

test('the body has values as a program gives them', (t) => {
  t.deepEqual(bodyOf(draft), {
    type: 'image:resize',
    payload: { path: "it's.png" },
    queue: 'images',
    maxAttempts: 5,
    limits: ['gpu', 'stripe/acme'],
  });
  t.deepEqual(bodyOf({ type: 'a', payload: ' ', options: {} }), { type: 'a' });
});

test('as a command', (t) => {
  t.is(
    asCommand(draft),
    `drover submit image:resize \\\n  --payload '{"path":"it'\\''s.png"}' \\\n  --queue images \\\n  --max-attempts 5 \\\n  --limit gpu,stripe/acme`,
  );
});

test('as curl', (t) => {
  t.true(
    asCurl(draft, 'http://127.0.0.1:7373').includes(`-d '{"type":"image:resize","payload":{"path":"it'\\''s.png"}`),
  );
});

test('as TypeScript', (t) => {
  t.true(
    asTypeScript(draft).includes(
      `drover.submit('image:resize', { path: 'it\\'s.png' }, { queue: 'images', maxAttempts: 5, limits: ['gpu', 'stripe/acme'] });`,
    ),
  );
  t.true(
    asTypeScript({ type: 'a', payload: '', options: { queue: 'q' } }).includes(
      `drover.submit('a', undefined, { queue: 'q' });`,
    ),
  );
});

test('literals and quotes', (t) => {
  t.is(literal({ 'a-b': 'say "x"\n', c: [1, null, true] }), `{ 'a-b': 'say "x"\\n', c: [1, null, true] }`);
  t.is(quoted('plain-1.2'), 'plain-1.2');
  t.is(quoted(''), "''");
});

import test from 'ava';
import { runExample } from './documented-example.js';
import { drover } from './drover.js';

test('the examples of the README work as written', async (t) => {
  const { connect, ran } = await runExample(t, 'README.md', 'submit.mjs');
  const { code, stdout, stderr } = ran;
  t.is(stderr, '');
  t.is(stdout, 'Hello, Ada! This is attempt 1.\nfibonacci(100) succeeded: 354224848179261915075\n');
  t.is(code, 0);

  const echoed = await drover(['submit', 'echo', '--payload', '{"hello":"world"}', '--wait'], {
    env: { DROVER_ZK: connect },
  });
  t.is(echoed.code, 0);
  t.regex(echoed.stdout, /succeeded\n\{\n {2}"hello": "world"\n\}/);
});

test('the flows of the README work as written', async (t) => {
  const { cwd, connect, ran } = await runExample(t, 'README.md', 'flow.mjs', ['letter.flow.mjs']);
  t.is(ran.stderr, '');
  t.is(ran.stdout, "{ text: 'Hello, Ada! This is attempt 1.', number: '6765' }\n209 digits\n");
  t.is(ran.code, 0);

  const input = '{"name":"Ada","n":20}';
  const started = await drover(['flow', 'start', './letter.flow.mjs', '--input', input, '--wait'], {
    cwd,
    env: { DROVER_ZK: connect },
  });
  t.is(started.code, 0);
  t.regex(started.stdout, /"number": "6765"/);
});

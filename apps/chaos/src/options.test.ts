import test from 'ava';
import { parseOptions, UsageError } from './options.js';

const KINDS = ['a', 'b', 'c'];
const parse = (argv: readonly string[], seed = 1): ReturnType<typeof parseOptions> => parseOptions(argv, seed, KINDS);

test('nothing given: ten minutes of all faults, with the seed that was drawn', (t) => {
  t.deepEqual(parse([], 42), {
    minutes: 10,
    seed: 42,
    faults: null,
    topology: null,
    json: null,
    keep: null,
    sessionTimeoutMs: 6_000,
    soak: false,
    viewers: false,
    flows: false,
    scenario: null,
  });
});

test('what is given counts; a soak has no faults unless they are named', (t) => {
  const flags = [
    '--minutes',
    '0.5',
    '--seed',
    '7',
    '--faults',
    'a,b,a',
    '--session-timeout',
    '2s',
    '--topology',
    'proxies',
  ];
  t.like(parse(flags), {
    minutes: 0.5,
    seed: 7,
    faults: ['a', 'b'],
    sessionTimeoutMs: 2_000,
    topology: 'proxies',
  });
  t.like(parse(['--soak']), { soak: true, faults: [] });
  t.like(parse(['--soak', '--faults', 'a']), { soak: true, faults: ['a'] });
  t.like(parse(['--faults', 'none']), { faults: [] });
  t.is(parse(['--help']), null);
});

test('bad input is refused with what was given and what was expected', (t) => {
  const refused = (...flags: string[]): string => t.throws(() => parse(flags), { instanceOf: UsageError }).message;
  t.regex(refused('--minutes', 'x'), /--minutes x: expected a number, more than 0/);
  t.regex(refused('--minutes', '0'), /--minutes 0/);
  t.regex(refused('--seed', '-1'), /argument/);
  t.regex(refused('--seed', '1.5'), /--seed 1.5: expected a number, a whole number/);
  t.regex(refused('--topology', 'cloud'), /--topology cloud: expected 'namespaces' or 'proxies'/);
  t.regex(refused('--session-timeout', '20s'), /from 1s to 10s/);
  t.regex(refused('--faults', 'a,x'), /--faults a,x: expected 'none', or some of a, b, c/);
  t.regex(refused('--what'), /--what/);
});

import test from 'ava';
import { parseSpec } from './spec.js';

const WHEN = { every: '1m' };
const RUN = { type: 'report' };

test('what is as by default is not stored, durations are milliseconds', (t) => {
  const given = {
    when: WHEN,
    run: { ...RUN, queue: 'default', timeout: '20m', payload: { a: 1 } },
    overlap: 'skip',
    catchUp: { window: '1d', run: 'latest' },
    spread: '10m',
    labels: { team: 'bi', app: 'x' },
    note: '',
  };
  const parsed = parseSpec(given);
  t.deepEqual(parsed, {
    when: [{ every: 60_000 }],
    run: { type: 'report', payload: { a: 1 }, timeout: 1_200_000 },
    spread: 600_000,
    labels: { app: 'x', team: 'bi' },
  });
  t.is(JSON.stringify(parseSpec(parsed)), JSON.stringify(parsed), 'what is stored is read as it is');
});

const BAD: [spec: object, argument: RegExp, message: RegExp][] = [
  [{ run: RUN }, /^when/, /when/],
  [{ when: WHEN }, /^run/, /an object/],
  [{ when: WHEN, run: { type: 'a b' } }, /^run\.type/, /task type/],
  [{ when: WHEN, run: { ...RUN, key: 'k' } }, /^run\.key/, /no option "key"; 'overlap'/],
  [
    { when: WHEN, run: { ...RUN, unique: { key: 'k', mode: 'last' } } },
    /^run\.unique/,
    /no option "unique"; 'overlap'/,
  ],
  [{ when: WHEN, run: { ...RUN, delay: '1s' } }, /^run\.delay/, /no option "delay"; 'when'/],
  [{ when: WHEN, run: { ...RUN, timeout: 'soon' } }, /^run\.timeout/, /run\.timeout/],
  [{ when: WHEN, run: { ...RUN, payload: 'x'.repeat(20_000) } }, /^run\.payload/, /at most 16384/],
  [{ when: WHEN, run: RUN, overlap: 'sometimes' }, /^overlap/, /buffer-latest/],
  [{ when: WHEN, run: RUN, catchUp: { window: '1s' } }, /^catchUp\.window/, /at least 10s/],
  [{ when: WHEN, run: RUN, catchUp: 'some' }, /^catchUp\.run/, /latest, all, none/],
  [{ when: WHEN, run: RUN, pauseAfterFailures: 0 }, /^pauseAfterFailures/, /from 1 to/],
  [{ when: WHEN, run: RUN, labels: { 'a=b': 'c' } }, /^labels/, /without "="/],
  [{ when: WHEN, run: RUN, overlapp: 'skip' }, /^overlapp/, /did you mean "overlap"/],
  [{ when: { every: '500ms' }, run: RUN }, /^when/, /second/],
];

test('what is wrong is refused, and named', (t) => {
  for (const [spec, argument, message] of BAD) {
    const error = t.throws(() => parseSpec(spec), { name: 'InvalidArgumentError' }, JSON.stringify(spec));
    t.regex(error.message, message);
    t.regex((error as unknown as { argument: string }).argument, argument);
  }
});

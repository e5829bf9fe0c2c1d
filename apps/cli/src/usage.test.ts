import test from 'ava';
import { explainUsage, unknownCommand, type Vocabulary } from './usage.js';

function explained(message: string, argv: string[], options: string[] = ['json', 'max-attempts']): string {
  const vocabulary: Vocabulary = { argv, signatures: ['submit [type]', 'get <task-id>', 'status'], options };
  return explainUsage(message, vocabulary);
}

test('an unknown option is named as it was typed, once, with what was perhaps meant', (t) => {
  t.is(
    explained('Unknown arguments: max-atempts, maxAtempts', ['submit', 'echo', '--max-atempts=3']),
    "unknown option --max-atempts; did you mean --max-attempts?\nsee 'drover submit --help'",
  );
  t.regex(explained('missing command', ['--jsn']), /^unknown option --jsn; did you mean --json\?\nsee 'drover --help'/);
});

test('an unknown command is named as it was typed, with what was perhaps meant, whatever stands behind it', (t) => {
  const signatures = ['submit [type]', 'get <task-id>', 'status'];
  const said = "unknown command 'sumbit'; did you mean 'submit'?\nsee 'drover --help'";
  for (const argv of [['sumbit'], ['sumbit', 'echo'], ['--json', 'sumbit', 'echo', '--wait']])
    t.is(unknownCommand(argv, signatures), said);
  t.regex(unknownCommand(['Submit'], signatures) ?? '', /^unknown command 'Submit'; did you mean 'submit'\?/);
  t.is(unknownCommand(['frobnicate'], signatures), "unknown command 'frobnicate'\nsee 'drover --help'");
  for (const argv of [['submit', 'x'], [], ['--json'], ['--zk', 'a:1', 'status']])
    t.is(unknownCommand(argv, signatures), null);
});

test('so is the second word of a command of two words', (t) => {
  const signatures = ['flow <command>', 'flow check <file>', 'flow retry <run..>'];
  t.is(
    unknownCommand(['flow', 'chekc', 'a'], signatures)?.split('\n')[0],
    "unknown command 'flow chekc'; did you mean 'check'?",
  );
  t.is(
    unknownCommand(['flow', 'frobnicate'], signatures),
    "unknown command 'flow frobnicate'; expected one of check, retry\nsee 'drover flow --help'",
  );
  for (const argv of [['flow'], ['flow', '--help'], ['flow', 'check', 'x']])
    t.is(unknownCommand(argv, signatures), null);
});

test('an argument too many is named', (t) => {
  t.regex(explained('Unknown command: more', ['status', 'more']), /^unexpected argument 'more'/);
  t.regex(explained('Unknown argument: /a/B.x', ['status', '/a/B.x']), /^unexpected argument '\/a\/B\.x'/);
});

test('what is missing is shown in its place', (t) => {
  const message = 'Not enough non-option arguments: got 0, need at least 1';
  t.regex(explained(message, ['get']), /^missing argument: <task-id>\nsee 'drover get --help'/);
  t.regex(explained('Not enough arguments following: queue', ['submit', '--queue']), /^--queue needs a value/);
});

test('a value that is none of the choices is answered with the choices', (t) => {
  const message = 'Invalid values:\n  Argument: state, Given: "bad", Choices: "failed", "running"';
  t.regex(explained(message, ['ls', '--state', 'bad']), /^--state: expected one of failed, running, got "bad"/);
});

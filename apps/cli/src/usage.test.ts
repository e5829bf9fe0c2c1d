import test from 'ava';
import { explainUsage, type Vocabulary } from './usage.js';

function explained(message: string, argv: string[], options: string[] = ['json', 'max-attempts']): string {
  const vocabulary: Vocabulary = { argv, signatures: ['submit [type]', 'get <task-id>', 'status'], options };
  return explainUsage(message, vocabulary);
}

test('an unknown option is named as it was typed, once, with what was perhaps meant', (t) => {
  t.is(
    explained('Unknown arguments: max-atempts, maxAtempts', ['submit', 'echo', '--max-atempts=3']),
    "unknown option --max-atempts; did you mean --max-attempts?\n'drover submit --help' tells what there is",
  );
  t.regex(
    explained('a command is missing', ['--jsn']),
    /^unknown option --jsn; did you mean --json\?\n'drover --help'/,
  );
});

test('an unknown command is told from an argument too many', (t) => {
  t.regex(explained('Unknown command: sttus', ['sttus']), /^unknown command 'sttus'; did you mean status\?/);
  t.regex(explained('Unknown command: more', ['status', 'more']), /^unexpected argument 'more'/);
  t.regex(explained('Unknown argument: /a/B.x', ['status', '/a/B.x']), /^unexpected argument '\/a\/B\.x'/);
});

test('what is missing is shown in its place', (t) => {
  const message = 'Not enough non-option arguments: got 0, need at least 1';
  t.regex(explained(message, ['get']), /^something is missing: drover get <task-id>/);
  t.regex(explained('Not enough arguments following: queue', ['submit', '--queue']), /^--queue needs a value/);
});

test('a value that is none of the choices is answered with the choices', (t) => {
  const message = 'Invalid values:\n  Argument: state, Given: "bad", Choices: "failed", "running"';
  t.regex(explained(message, ['ls', '--state', 'bad']), /^--state: expected one of failed, running, got "bad"/);
});

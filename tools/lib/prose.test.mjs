import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { commentsOf } from './comments.mjs';
import { sentencesToRewrite } from './prose.mjs';

const root = new URL('../../', import.meta.url);

test('no sentence of a document has a clause with What, Who or Where as its subject', (t) => {
  const found = filesOf('*.md').flatMap((path) =>
    sentencesToRewrite(read(path)).map((sentence) => `${path}: ${sentence}`),
  );
  t.deepEqual(found, []);
});

test('no sentence of a comment has one either', (t) => {
  const paths = filesOf('*.ts', '*.tsx', '*.mjs');
  const found = paths.flatMap((path) =>
    commentsOf(read(path)).flatMap(({ line, text }) =>
      sentencesToRewrite(text).map((sentence) => `${path}:${line}: ${sentence}`),
    ),
  );
  t.true(paths.length > 0);
  t.deepEqual(found, []);
});

test('questions, headings, code and the middle of sentences are left alone', (t) => {
  const text =
    '# What is it\n\nWho leads? The leader says what it does.\n\n```\nWhat\n```\n\n- **Where** it is.\n\n| Who acts. |';
  t.deepEqual(sentencesToRewrite(text), ['Where it is.', 'Who acts.']);
});

test('comments are found in blocks, in lines that follow each other, and behind code', (t) => {
  const source = [
    '/** One. */',
    'const a = "// no";',
    '  /**',
    '   * Two goes on',
    '   * here.',
    '   *',
    '   * Three.',
    '   */',
    '  // Four goes on',
    '  // here.',
    'call(a); // Five.',
    'const url = "https://six";',
  ].join('\n');
  t.deepEqual(commentsOf(source), [
    { line: 1, text: 'One.' },
    { line: 3, text: 'Two goes on\nhere.\n\nThree.' },
    { line: 9, text: 'Four goes on\nhere.' },
    { line: 11, text: 'Five.' },
  ]);
});

function filesOf(...patterns) {
  const listed = execFileSync('git', ['ls-files', ...patterns], { cwd: root, encoding: 'utf8' });
  return listed.split('\n').filter((path) => path !== '');
}

function read(path) {
  return readFileSync(new URL(path, root), 'utf8');
}

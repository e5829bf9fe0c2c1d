import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { sentencesToRewrite } from './prose.mjs';

const root = new URL('../../', import.meta.url);

test('no sentence of a document has a clause with What, Who or Where as its subject', (t) => {
  const listed = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).split('\n');
  const found = listed
    .filter((path) => path !== '')
    .flatMap((path) =>
      sentencesToRewrite(readFileSync(new URL(path, root), 'utf8')).map((sentence) => `${path}: ${sentence}`),
    );
  t.deepEqual(found, []);
});

test('questions, headings, code and the middle of sentences are left alone', (t) => {
  const text =
    '# What is it\n\nWho leads? The leader says what it does.\n\n```\nWhat\n```\n\n- **Where** it is.\n\n| Who acts. |';
  t.deepEqual(sentencesToRewrite(text), ['Where it is.', 'Who acts.']);
});

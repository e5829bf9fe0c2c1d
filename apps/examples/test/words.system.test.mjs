import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';

const prove = fileURLToPath(new URL('../word-count/prove.mjs', import.meta.url));

// The small form of `npm run words`: it starts a scheduler and two workers, which takes most of its time.
test('the words of 2 MiB, cut into pieces within lines and characters, are those that sort | uniq -c counts', async (t) => {
  const { connect } = await testZooKeeper(t);
  const child = spawn(process.execPath, [prove, '2', '--zk', connect]);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const [code] = await once(child, 'close');
  t.is(code, 0, printed);
  t.regex(printed, /^counted \d+ words of 2 MiB/m);
  t.regex(printed, /^sort \| uniq -c says the same of all \d+ distinct words/m);
});

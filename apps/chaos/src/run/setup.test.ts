import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { parseOptions, UsageError } from '../options.js';
import { prepare } from './setup.js';

test('a run is not written into a folder with something in it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drover-chaos-setup-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const options = parseOptions(['--soak', '--session-timeout', '2s'], 1, []);
  if (options === null) throw new Error('no help was asked for');
  const setup = await prepare(options, folder);
  t.like(setup, { sessionTimeoutMs: 2_000, heap: true, faults: [], lastsMs: 600_000 });
  t.true(setup.retainMs >= 60_000, 'a client that was away still finds its results');
  await t.throwsAsync(prepare(options, folder), { instanceOf: UsageError, message: /expected an empty folder/ });
});

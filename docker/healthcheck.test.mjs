import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const script = fileURLToPath(new URL('healthcheck.mjs', import.meta.url));
const status = { leader: null, schedulers: [{ id: 's1' }], workers: [{ name: 'w1' }], tasks: {} };

/** Runs the health check against a command line that prints `output` and exits with `code`. */
function check(t, env, { output = JSON.stringify(status), code = 0 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-health-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const cli = join(folder, 'drover.cjs');
  writeFileSync(cli, `process.stdout.write(${JSON.stringify(output)}); process.exitCode = ${code};`);
  const result = spawnSync(process.execPath, [script], { env: { DROVER_CLI: cli, ...env }, encoding: 'utf8' });
  return { healthy: result.status === 0, reason: result.stderr };
}

test('a member that ZooKeeper knows is healthy', (t) => {
  t.true(check(t, { DROVER_ID: 's1' }).healthy);
  t.true(check(t, { DROVER_NAME: 'w1' }).healthy);
});

test('one that it does not know is not, and the reason names it', (t) => {
  t.like(check(t, { DROVER_ID: 's2' }), { healthy: false, reason: 'scheduler s2 is not in ZooKeeper\n' });
  t.like(check(t, { DROVER_NAME: 's1' }), { healthy: false, reason: 'worker s1 is not in ZooKeeper\n' });
});

test('when ZooKeeper cannot be asked, nothing is healthy', (t) => {
  t.false(check(t, { DROVER_ID: 's1' }, { output: '', code: 3 }).healthy);
  t.false(check(t, { DROVER_ID: 's1' }, { output: 'not JSON' }).healthy);
});

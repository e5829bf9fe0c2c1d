import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { documents } from './drover.js';
import { runHere } from './run-here.js';

test('an API that others can reach does not start without the word who may use it, before anything is connected', async (t) => {
  const nowhere = ['--zk', '127.0.0.1:1'];
  for (const flags of [[], ['--api-auth', 'none']]) {
    const { code, stdout, stderr } = await runHere([
      ...['scheduler', '--api-listen', '0.0.0.0:0', ...flags, ...nowhere],
    ]);
    t.is(code, 2, flags.join(' '));
    t.is(stdout, '');
    t.regex(stderr, /reached by other machines.*--api-auth token \(drover token create/);
    t.false(stderr.includes('connect'));
  }
});

test('tokens are made, listed and revoked by ZooKeeper; the secret is told once', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = ['--zk', connect];
  const made = await runHere(['token', 'create', '--name', 'ada', '--role', 'admin', ...zk]);
  t.is(made.code, 0, made.stderr);
  t.regex(made.stdout, /^drv_[0-9a-z]{10}_[A-Za-z0-9_-]{43}\n$/);
  t.regex(made.stderr, /for ada: admin; expires: never/);
  const limited = await runHere([
    ...['token', 'create', '--name', 'ci', '--role', 'submitter,viewer', '--queues', 'builds,a*', '--expires', '90d'],
    ...['--by', 'ada', '--json', ...zk],
  ]);
  const [token] = documents(limited.stdout);
  t.like(token, { name: 'ci', roles: ['submitter', 'viewer'], queues: ['builds', 'a*'], createdBy: 'ada' });
  const listed = documents((await runHere(['token', 'ls', '--json', ...zk])).stdout);
  t.deepEqual(
    listed.map(({ name }) => name),
    ['ci', 'ada'],
  );
  t.false(JSON.stringify(listed).includes('secret'));
  const table = (await runHere(['token', 'ls', ...zk])).stdout;
  t.regex(table, /ID +NAME +ROLES +QUEUES/);
  t.regex((await runHere(['token', 'revoke', String(token?.id), ...zk])).stdout, /token \w+ of ci is revoked/);
  const again = await runHere(['token', 'revoke', String(token?.id), ...zk]);
  t.is(again.code, 1);
  t.regex(again.stderr, /there is no token/);
});

test('what makes no sense is told before anything is connected', async (t) => {
  const nowhere = ['--zk', '127.0.0.1:1', '--connect-timeout', '1m'];
  const API = ['--api-listen', '127.0.0.1:0'];
  const cases: [args: string[], message: RegExp][] = [
    [['token', 'create', '--name', 'x', '--role', 'god'], /--role: expected some of viewer/],
    [['token', 'create', '--name', 'x'], /missing --role/],
    [['audit', '--limit', '0'], /--limit: expected a whole number/],
    [['scheduler', ...API, '--api-auth', 'oidc'], /requires --api-oidc-issuer/],
    [['scheduler', ...API, '--api-auth', 'token', '--api-tokens-file', '/nowhere'], /there is no such file/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runHere([...args, ...nowhere]);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
});

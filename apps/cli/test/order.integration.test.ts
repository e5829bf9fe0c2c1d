import test from 'ava';
import { devCluster } from './dev-cluster.js';
import { documents } from './drover.js';

test('tenants, priorities and shares from the command line, and what is refused', async (t) => {
  const { run } = await devCluster(t);
  const [first, second] = [
    await run(['queue', 'media', '--tenant', 'acme=3,zoo=0.5', '--fairness', 'time', '--json']),
    await run(['queue', 'media', '--tenant', 'zoo=1', '--max-running-per-tenant', '20', '--min-share', '5%', '--json']),
  ];
  t.like(documents(first.stdout)[0], { tenants: { acme: 3, zoo: 0.5 }, fairness: 'time' });
  t.regex((await run(['queue', 'media'])).stdout, /^--tenant +acme=3$/m);
  t.like(documents(second.stdout)[0], { tenants: { acme: 3 }, maxRunningPerTenant: 20, minShare: 0.05 });

  const options = ['--queue', 'media', '--tenant', 'acme', '--priority', '9', '--wait', '--json'];
  const done = await run(['submit', 'echo', '--payload', '7', ...options]);
  t.like(documents(done.stdout)[0], { state: 'succeeded', result: 7 });

  for (const [args, message] of [
    [['submit', 'echo', '--priority', '10'], /--priority: expected a whole number from -9 to 9, got 10/],
    [['submit', 'echo', '--tenant', 'a b'], /--tenant: expected a name of letters/],
    [['queue', 'media', '--max-pending', '-1'], /--max-pending: expected a whole number from 0, or 'none', got '-1'/],
    [['queue', 'media', '--max-pending-per-tenant', '0'], /--max-pending-per-tenant: expected a whole number from 1/],
    [['queue', 'media', '--tenant', 'acme'], /--tenant: expected NAME=WEIGHT.*got 'acme'/],
    [['queue', 'media', '--tenant', 'acme=0'], /--tenant: expected NAME=WEIGHT/],
    [['queue', 'media', '--fairness', 'money'], /--fairness: expected 'tasks' or 'time', got 'money'/],
    [['queue', 'media', '--min-share', '120%'], /--min-share: expected a percentage.*got '120%'/],
    [
      ['queue', 'media', '--max-running-per-tenant', '-1'],
      /--max-running-per-tenant: expected a whole number from 0, or 'none'/,
    ],
    [['scheduler', '--aging', '0'], /aging/],
  ] as const) {
    const { code, stderr } = await run([...args]);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
});

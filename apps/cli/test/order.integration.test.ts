import test, { type ExecutionContext } from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, type Ended } from './drover.js';

test('tenants, priorities, shares and limits from the command line, and what is refused', async (t) => {
  const { run } = await clusterHere(t);
  const others = ['--min-share', '5%', '--on-dead', 'page,queue=alerts', '--json'];
  const [first, second] = [
    await run(['queue', 'media', '--tenant', 'acme=3,zoo=0.5', '--fairness', 'time', '--json']),
    await run(['queue', 'media', '--tenant', 'zoo=1', '--max-running-per-tenant', '20', ...others]),
  ];
  t.like(documents(first.stdout)[0], { tenants: { acme: 3, zoo: 0.5 }, fairness: 'time' });
  t.regex((await run(['queue', 'media'])).stdout, /^--tenant +acme=3$/m);
  t.like(documents(second.stdout)[0], { tenants: { acme: 3 }, maxRunningPerTenant: 20, minShare: 0.05 });
  t.like(documents(second.stdout)[0], { onDead: { type: 'page', queue: 'alerts' } });

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
  await limits(t, (...args) => run(args));
});

async function limits(t: ExecutionContext, run: (...args: string[]) => Promise<Ended>): Promise<void> {
  t.regex((await run('limit', 'ls')).stdout, /no limits/);
  const stripe = ['limit', 'set', 'stripe', '--rate', '100/1s', '--burst', '20', '--per', 'key', '--json'];
  t.like(documents((await run(...stripe)).stdout)[0], { change: 'created', revision: 1 });
  t.regex((await run('limit', 'set', 'gpu', '--concurrency', '3', '--type', 'echo')).stdout, /^limit gpu created/);
  const [gpu] = documents((await run('limit', 'ls', '--json')).stdout);
  t.like(gpu, {
    name: 'gpu',
    spec: { concurrency: 3, rate: null, on: { type: 'echo' }, per: 'all' },
    out: 0,
    keys: [],
  });
  t.regex((await run('limit', 'ls')).stdout, /^stripe +- +100\/1s +20 +key +tasks that name it +0 +0/m);
  t.regex((await run('limit', 'get', 'stripe')).stdout, /^Allows +100\/1s \(20 at once\) per key$/m);

  const submit = [
    'submit',
    'echo',
    '--limit',
    'stripe/acme',
    '--limit',
    'gpu',
    '--sequence',
    'order-42,onFailure=block',
  ];
  const done = documents((await run(...submit, '--wait', '--json')).stdout)[0] as { id: string };
  const [seen] = documents((await run('get', done.id, '--json')).stdout);
  t.like(seen, { limits: ['gpu', 'stripe/acme'], sequence: { key: 'order-42', onFailure: 'block' } });

  t.regex((await run('limit', 'hold', 'stripe/acme', '1h')).stdout, /held for 1h/);
  const [held] = documents((await run('submit', 'echo', '--limit', 'stripe/acme', '--json')).stdout) as {
    id: string;
  }[];
  t.regex((await run('why', held?.id ?? '')).stdout, /limit stripe\/acme is held for 3/);
  t.is((await run('limit', 'rm', 'stripe')).code, 1);
  t.regex((await run('limit', 'rm', 'stripe', '--force')).stdout, /removed/);
  t.like(documents((await run('get', held?.id ?? '', '--json')).stdout)[0], { id: held?.id });

  for (const [args, message] of [
    [['limit', 'set', 'x'], /a concurrency, a rate, or both/],
    [['limit', 'set', 'x', '--concurrency', '0'], /--concurrency: expected a whole number from 1.*got 0/],
    [['limit', 'set', 'x', '--concurrency', '1.5'], /--concurrency: .*got 1.5/],
    [['limit', 'set', 'x', '--rate', '0/1s'], /--rate: expected a number from 1/],
    [['limit', 'set', 'x', '--rate', '5/0.1ms'], /--rate: expected a number from 1/],
    [['limit', 'set', 'x', '--rate', '5/1s', '--burst', '6'], /--burst: expected a whole number from 1 to 5/],
    [['limit', 'set', 'x', '--burst', '6'], /--burst needs --rate/],
    [['limit', 'set', 'x', '--rate', '5/1s', '--per', 'user'], /--per: expected 'all', 'tenant', 'key'/],
    [['limit', 'set', 'x', '--rate', '5/1s', '--per', 'key', '--queue', 'q'], /--per key .* cannot have --queue/],
    [['limit', 'set', 'a/b', '--rate', '5/1s'], /name: expected a name of letters/],
    [['limit', 'get', 'gp'], /no limit 'gp' is declared; did you mean 'gpu'\?/],
    [['limit', 'hold', 'gpu/acme', '5s'], /limit: expected 'gpu' without a key/],
    [['limit', 'hold', 'gpu', 'soon'], /duration: expected a number with a unit/],
    [['submit', 'echo', '--limit', 'gup'], /no limit 'gup' is declared; did you mean 'gpu'\?/],
    [['submit', 'echo', '--limit', 'a b'], /--limit: expected the name of a limit/],
    [['submit', 'echo', '--sequence', 'a,onFailure=stop'], /--sequence\.onFailure: expected 'continue', 'block'/],
  ] as const) {
    const { code, stderr } = await run(...args);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.regex(stderr, message);
  }
}

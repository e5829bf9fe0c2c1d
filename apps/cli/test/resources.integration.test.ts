import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, testFolder } from './drover.js';

test('accounts, pools and floating resources from the command line, and what is refused', async (t) => {
  const { run } = await clusterHere(t);
  const secret = join(await testFolder(t), 'secret');
  await writeFile(secret, 'correct horse battery staple\n');
  const json = async (...args: string[]): Promise<Record<string, unknown>[]> => {
    const { code, stdout, stderr } = await run([...args, '--json']);
    t.is(code, 0, stderr);
    return documents(stdout);
  };
  t.regex((await run(['account', 'ls'])).stdout, /no accounts/);
  const made = await run(['account', 'set', 'search', '--weight', '3', '--guarantee', 'cpu=40', '--by', 'ada']);
  t.is(made.code, 0, made.stderr);
  t.is(made.stdout, 'account search created (revision 1)\n');
  t.regex(made.stderr, /warning: accounts are guaranteed cpu=40 together, and there is cpu=0/);
  t.like((await json('account', 'set', 'search', '--limit', 'cpu=100,gpu=4'))[0], { change: 'changed', revision: 2 });
  t.like((await json('account', 'ls'))[0], {
    ...{ name: 'search', revision: 2 },
    spec: { weight: 3, guarantee: { cpu: 40 }, limit: { cpu: 100, gpu: 4 }, lend: true },
  });
  t.regex((await run(['account', 'ls'])).stdout, /^search +3 +cpu=40 +cpu=100,gpu=4 +yes +2 /m);
  const [use] = (await json('accounts')).filter(({ account }) => account === 'search');
  t.like(use, { weight: 3, share: 0, held: {}, guarantee: { cpu: 40 }, limit: { cpu: 100, gpu: 4 }, pending: 0 });
  t.regex((await run(['accounts'])).stdout, /^search +3 +0\.0% +- +cpu=40 +cpu=100,gpu=4 +0$/m);

  const pool = ['pool', 'set', 'batch', '--policy', 'pack', '--dedicated', 'search,ads', '--overcommit', 'cpu=1.5'];
  await json(...pool, '--template', 'cpu=8,memory=32GiB', '--label', 'zone=a', '--types', 'a,b', '--max', '40');
  const webhook = ['--webhook', 'https://scaler.example/x', '--webhook-secret-file', secret];
  await json('pool', 'set', 'batch', ...webhook, '--warmup', '20s', '--min', '2', '--idle-for', 'none');
  const [shown] = await json('pool', 'ls');
  t.like(shown, {
    spec: {
      ...{ policy: 'pack', dedicated: ['ads', 'search'], overcommit: { cpu: 1.5 }, min: 2, max: 40, idleFor: null },
      template: { resources: { cpu: 8, memory: '32GiB' }, labels: { zone: 'a' }, types: ['a', 'b'] },
      webhook: 'https://scaler.example/x',
    },
  });
  t.false(JSON.stringify(shown).includes('correct horse'));
  t.regex((await run(['pool', 'ls'])).stdout, /^batch +pack +ads, search +cpu=1\.5 +cpu=8,memory=32GiB +2 to 40/m);

  await json('resource', 'set', 'licence.x', '2.5');
  t.like((await json('resource', 'ls'))[0], { name: 'licence.x', spec: { total: 2.5 } });
  t.is((await run(['capacity'])).code, 0);

  for (const [args, message] of [
    [['account', 'set', 'search', '--limit', 'cpu=10'], /limit: expected at least the guarantee, which is cpu=40/],
    [['account', 'set', 'search', '--limit', 'cpu=1,cpu=2'], /--limit: expected 'cpu' once/],
    [['account', 'set', 'search', '--guarantee', 'memory=8Gib'], /--?guarantee\.memory: expected whole bytes|--memory/],
    [['account', 'set', 'search', '--weight', '-1'], /--weight: expected a number from 0\.001 to 1000, got -1/],
    [['account', 'set', 'search', '--lend', 'perhaps'], /--lend: expected true or false, got "perhaps"/],
    [['account', 'set', 'search', '--if-revision', '7', '--weight', '1'], /not at the expected revision.*2/],
    [['account', 'rm', 'serch'], /no account 'serch' is defined; did you mean 'search'\?/],
    [['pool', 'set', 'batch', '--dedicated', 'a,a'], /--dedicated: the account 'a' is given twice/],
    [['pool', 'set', 'batch', '--policy', 'pick'], /policy: expected one of spread, pack/],
    [['pool', 'set', 'batch', '--label', 'zone=a'], /--label and --types need --template/],
    [['pool', 'set', 'other', '--webhook', 'https://x.example'], /webhookSecret: a webhook needs a secret/],
    [['resource', 'set', 'slots', '3'], /each worker has its own of this/],
    [['resource', 'set', 'licence.x', '-3'], /total: expected a number from 0/],
  ] as const) {
    const { code, stderr } = await run([...args]);
    t.true(code === 2 || code === 1, `${args.join(' ')}: ${code} ${stderr}`);
    t.regex(stderr, message, args.join(' '));
  }
  for (const [kind, name] of [
    ['account', 'search'],
    ['pool', 'batch'],
    ['resource', 'licence.x'],
  ] as const)
    t.is((await run([kind, 'rm', name])).stdout, `${kind} ${name} removed\n`);
});

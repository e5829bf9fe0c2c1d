import { systemRuntime } from '@drover/runtime';
import { ZooKeeperError, type ErrorCode, type Operation, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { StepWriter } from './step-writer.js';

type Answer = null | [code: ErrorCode, failedIndex?: number];

/** Answers transactions in order, and notes what they were. */
function scripted(...answers: Answer[]): { zk: ZooKeeper; sent: string[] } {
  const sent: string[] = [];
  const multi = async (operations: readonly Operation[]): Promise<unknown> => {
    sent.push(operations.map(({ op, path }) => `${op} ${path}`).join(', '));
    const answer = answers.shift();
    if (answer === null) return {};
    if (answer === undefined) throw new Error('one transaction too many');
    const [code, failedIndex] = answer;
    throw new ZooKeeperError({
      op: 'multi',
      outcome: 'not-applied',
      code,
      ...(failedIndex !== undefined && { failedIndex }),
    });
  };
  return { sent, zk: { multi, connected: () => Promise.resolve() } as unknown as ZooKeeper };
}

const create = (zk: ZooKeeper, plans: { path: string; data: string }[] = [], isOver = false): Promise<boolean> =>
  new StepWriter(zk, systemRuntime).create({ path: '/x', data: '' }, '/a', () => isOver, plans);

test('a reply that was lost: the same is sent again, and what is there is a success', async (t) => {
  const { zk, sent } = scripted(['CONNECTION_LOSS'], ['NODE_EXISTS', 0]);
  t.true(await create(zk));
  t.deepEqual(sent, ['create /x, check /a', 'create /x, check /a']);
});

test('without its assignment, or its session, nothing is written', async (t) => {
  t.false(await create(scripted(['NO_NODE', 1]).zk));
  t.false(await create(scripted(['SESSION_EXPIRED']).zk));
  const { zk, sent } = scripted();
  t.false(await create(zk, [], true));
  t.deepEqual(sent, []);
});

test('a plan that is there already is checked instead; one that went meanwhile is written after all', async (t) => {
  const { zk, sent } = scripted(['NODE_EXISTS', 1], ['NO_NODE', 1], null);
  t.true(await create(zk, [{ path: '/p', data: '' }]));
  t.deepEqual(sent, [
    'create /x, create /p, check /a',
    'create /x, check /p, check /a',
    'create /x, create /p, check /a',
  ]);
});

test('a plan that is about to be removed is made anew', async (t) => {
  const { zk, sent } = scripted(['NODE_EXISTS', 1], ['BAD_VERSION', 1], null);
  t.true(await create(zk, [{ path: '/p', data: '' }]));
  t.is(sent.at(-1), 'create /x, delete /p, create /p, check /a');
});

test('a request that is too large is not sent again', async (t) => {
  await t.throwsAsync(create(scripted(['REQUEST_TOO_LARGE']).zk), { code: 'REQUEST_TOO_LARGE' });
});

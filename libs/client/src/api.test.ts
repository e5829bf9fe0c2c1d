import test from 'ava';
import { connect, defineHandlers, type Drover, type Task } from './index.js';

const handlers = defineHandlers<{ resize: [{ image: string }, { width: number }]; ping: [null, string] }>({
  resize: ({ image }) => ({ width: image.length }),
  ping: { run: () => 'pong' },
});

/** Never called: that it compiles, and that what must not compile does not, is the test. */
async function typed(drover: Drover<typeof handlers>, pairs: Drover<{ twice: [number, number] }>): Promise<unknown[]> {
  const resize: Task<{ width: number }> = await drover.submit('resize', { image: 'a' });
  const { width }: { width: number } = await resize.result();
  const pong: string = await (await drover.submit('ping', null)).result();
  const four: number = await (await pairs.submit('twice', 2)).result();
  // @ts-expect-error the payload is of another type
  await drover.submit('resize', { image: 1 });
  // @ts-expect-error there is no such type
  await drover.submit('rezise', { image: 'a' });
  // @ts-expect-error the payload of one input is of another type
  drover.run([{ type: 'resize', payload: { image: 1 } }]);
  return [width, pong, four];
}

test('types of handlers, or of pairs, are those of payloads and results', (t) => {
  t.is(typeof typed, 'function');
  t.is(typeof handlers.ping, 'object');
});

test('options of connect are checked before anything is done', async (t) => {
  const refused: [Parameters<typeof connect>[0], string][] = [
    ['', 'zk'],
    ['a b', 'zk'],
    [{ zk: 'h:1', connectTimeout: 'soon' as never }, 'connectTimeout'],
    [{ zk: 'h:1', sessionTimeout: -1 }, 'sessionTimeout'],
    [{ zk: 'h:1', limits: { batchTasks: 0 } }, 'limits.batchTasks'],
    [{ zk: 'h:1', limits: { batchBytes: 10_000_000 } }, 'limits.batchBytes'],
  ];
  for (const [options, argument] of refused)
    await t.throwsAsync(connect(options), { name: 'InvalidArgumentError', message: new RegExp(`^${argument}:`) });
});

import { FAILURES } from '@drover/core';
import { testServer } from '@drover/testing';
import test from 'ava';
import { FakeLeader } from './fake-leader.js';
import { makeWorker, RecordedLog } from './start-worker.js';

const handlers = new URL('./fixtures/handlers.js', import.meta.url).href;

test('a result that the servers do not take ends its attempt as failed, and holds nobody up', async (t) => {
  const server = await testServer(t, { javaArguments: ['-Djute.maxbuffer=60000'] });
  const leader = await FakeLeader.open(t, `${server.connect}/drover`);
  const worker = makeWorker(`${server.connect}/drover`, new RecordedLog(), { handlers });
  t.teardown(() => worker.stop());
  await worker.start();
  const id = worker.id ?? '';
  const texts = [10, 100_000, 20, 30_000, 40_000, 50_000, 30, 30_000];
  const assigned = await leader.give(id, texts.map((payload) => ({ type: 'text-of', payload }))); // prettier-ignore
  const beside = await leader.give(id, [{ type: 'double', payload: 21 }]);
  const ends = await leader.ends(assigned);
  const told = ends.map(({ line }) => (line === null ? null : 'error' in line ? line.error.name : String('result' in line && line.result).length)); // prettier-ignore
  t.deepEqual(told, texts.map((length) => (length === 100_000 ? FAILURES.RESULT_TOO_LARGE : length))); // prettier-ignore
  const { line } = ends[1] ?? {};
  t.regex(
    line !== undefined && line !== null && 'error' in line ? line.error.message : '',
    /jute\.maxbuffer.*store it/,
  );
  t.like((await leader.end(beside)).line, { result: 42 });
});

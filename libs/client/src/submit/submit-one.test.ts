import { silentMetrics } from '@drover/observability';
import test from 'ava';
import { TooManyUnwrittenError } from '../errors.js';
import type { TaskHome } from '../task.js';
import { Budget } from './budget.js';
import type { Entry } from './batch-builder.js';
import { prepare, type PreparedTask } from './prepare.js';
import { submitOne, type SubmitContext } from './submit-one.js';
import { OptionsResolver } from './task-options.js';

const resolver = new OptionsResolver();
const batch = { id: '01KDVDK000ABCDEFGHJKMNPQRS', groups: null };

function prepared(payload: unknown): PreparedTask {
  return prepare({ type: 'noop', payload, options: undefined }, { resolver, schemas: new Map() }) as PreparedTask;
}

function world(limit: { tasks: number; bytes: number }): {
  entries: Entry[];
  submit: (payload: unknown) => Promise<unknown>;
} {
  const entries: Entry[] = [];
  const context: SubmitContext = {
    submitter: { add: (_queue, entry) => void entries.push(entry) },
    home: {} as TaskHome,
    unwritten: new Budget(limit),
    metrics: silentMetrics,
  };
  return {
    entries,
    submit: async (payload) => submitOne(context, prepared(payload)),
  };
}

test('who does not await may run ahead as far as the limit, and what is written makes room again', async (t) => {
  const { entries, submit } = world({ tasks: 3, bytes: 1_000 });
  const taken = [submit(1), submit(2), submit(3)];
  const refused = await t.throwsAsync(submit(4), { instanceOf: TooManyUnwrittenError });
  t.like(refused, { tasks: 3, bytes: 3 });
  t.regex(refused.message, /3 submitted tasks with 3 bytes.*await submit/);
  t.is(entries.length, 3, 'the one that was refused is not on its way');
  entries[0]!.acknowledged(batch, 0, false);
  entries[1]!.failed(new Error('no rights'));
  await t.throwsAsync(taken[1]!, { message: 'no rights' });
  t.is(((await taken[0]) as { id: string }).id, `${batch.id}.0`);
  const more = [submit(5), submit(6)];
  await t.throwsAsync(submit(7), { instanceOf: TooManyUnwrittenError });
  for (const entry of entries.slice(2)) entry.acknowledged(batch, 1, false);
  t.is((await Promise.all([taken[2], ...more])).length, 3);
});

test('payloads count too', async (t) => {
  const { entries, submit } = world({ tasks: 1_000, bytes: 100 });
  const large = submit('x'.repeat(98));
  await t.throwsAsync(submit(1), { instanceOf: TooManyUnwrittenError });
  entries[0]!.acknowledged(batch, 0, false);
  await large;
  const small = submit(1);
  entries[1]!.acknowledged(batch, 1, false);
  await t.notThrowsAsync(small);
});

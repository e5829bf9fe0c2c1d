import type { ScheduleInput } from '@drover/client';
import test from 'ava';
import { ApiError } from '../api-error.js';
import type { ApiContext } from '../api-context.js';
import { mustSeeRun } from './definitions.js';
import type { Asked } from './handler.js';

const NO_CONTEXT = {} as ApiContext;
const asked = (queues: string[] | null): Asked => ({ caller: { name: 'ada', queues } }) as unknown as Asked;
const planOf = (queue?: string) => ({
  ...{ v: 1 as const, name: 'daily' },
  steps: { a: { kind: 'task' as const, type: 'x', input: null, ...(queue !== undefined && { options: { queue } }) } },
});

test('a caller schedules flows only whose steps go into queues that it may act on', async (t) => {
  const may = async (run: ScheduleInput['run'], queues: string[] | null = ['own']): Promise<boolean> =>
    mustSeeRun(asked(queues), { run }, NO_CONTEXT).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError && error.code === 'forbidden') return false;
        throw error;
      },
    );
  t.true(await may({ flow: planOf(), queue: 'own' }));
  t.false(await may({ flow: planOf() }), 'the default queue is not its own');
  t.false(await may({ flow: planOf('hidden'), queue: 'own' }));
  const disguised = { name: 'daily', plan: planOf(), text: JSON.stringify(planOf('hidden')) };
  t.false(await may({ flow: disguised, queue: 'own' }), 'the text is stored');
  t.true(await may({ flow: planOf('hidden') }, null));
  t.false(await may({ broadcast: 'x' }));
  t.true(await may({ broadcast: 'x', queue: 'own' }));
});

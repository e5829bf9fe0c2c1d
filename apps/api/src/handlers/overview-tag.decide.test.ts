import type { schemas } from '@drover/api';
import test from 'ava';
import type * as z from 'zod';
import { overviewTag } from './overview-tag.decide.js';

type Overview = z.output<typeof schemas.overview>;

const START = 1_767_225_600_000;
const overview = (at: number, more: Partial<Overview> = {}): Overview => ({
  ...{ revision: '3.7', at, schedulers: [], rates: { submitted: 0, finished: 0, failed: 0 }, failedLastHour: 0 },
  leader: { id: 's1', epoch: 3, sinceMs: at - START },
  workers: { accepting: 1, draining: 0, slots: 4, busy: 0 },
  tasks: null,
  oldestPendingMs: at - START,
  attention: [{ code: 'oldest-wait', severity: 'warn', text: 'A task is late', waitedMs: at - START, since: START }],
  intake: { open: true },
  zookeeper: { state: 'connected', roundTripMs: at % 7 },
  complete: true,
  ...more,
});
const tag = (at: number, more?: Partial<Overview>): string => overviewTag(overview(at, more));

test('time that goes by makes no other overview', (t) => {
  t.regex(tag(START), /^W\/"[\w-]{22}"$/);
  for (const later of [1, 13, 5_000, 3_600_000]) t.is(tag(START + later), tag(START));
});

test('whatever happens does', (t) => {
  const changes: Partial<Overview>[] = [
    { leader: null },
    { leader: { id: 's1', epoch: 3, sinceMs: 4 } },
    { oldestPendingMs: null },
    { oldestPendingMs: 5 },
    { workers: { accepting: 0, draining: 1, slots: 4, busy: 0 } },
    { failedLastHour: 1 },
    { revision: '3.8' },
    { attention: [] },
    { zookeeper: { state: 'suspended', roundTripMs: 1 } },
  ];
  for (const change of changes) t.not(tag(START + 10, change), tag(START), JSON.stringify(change));
});

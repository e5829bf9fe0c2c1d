import type { schemas } from '@drover/api';
import type { LimitSpec, QueueSettings } from '@drover/core';
import type * as z from 'zod';
import type { Limit, Queue } from '../data/types.js';

/** Documents of the API that only these screens read; the settings of a queue and of a limit with their types. */
export type QueueDoc = Queue & QueueSettings;
export type LimitDoc = Limit & { spec: LimitSpec };
/** Without a leader only the definition is known. */
export type LimitRow = z.output<typeof schemas.limitSummary> & { spec: LimitSpec } & Partial<
    Pick<LimitDoc, 'out' | 'waiting' | 'waitingKeys' | 'heldUntil'>
  >;
export type Backfill = z.output<typeof schemas.backfill>;
export type FireTime = z.output<typeof schemas.fireTime>;
export type Znode = z.output<typeof schemas.znode>;
export type NewToken = z.output<typeof schemas.newToken>;
export type Change = z.output<typeof schemas.change>;

import type { Shape } from '@drover/api';
import type { LimitSpec, QueueSettings } from '@drover/core';
import type { Limit, Queue } from '../data/types.js';

/** Documents of the API that only these screens read; the settings of a queue and of a limit with their types. */
export type QueueDoc = Queue & QueueSettings;
export type LimitDoc = Limit & { spec: LimitSpec };
/** Without a leader only the definition is known. */
export type LimitRow = Shape<'limitSummary'> & { spec: LimitSpec } & Partial<
    Pick<LimitDoc, 'out' | 'waiting' | 'waitingKeys' | 'heldUntil'>
  >;
export type Backfill = Shape<'backfill'>;
export type FireTime = Shape<'fireTime'>;
export type Znode = Shape<'znode'>;
export type NewToken = Shape<'newToken'>;
export type Change = Shape<'change'>;

import type { Drover } from '@drover/client';
import type { Operation } from '@drover/verify';
import { readResult } from '../client/follow.js';
import { ClientHistory } from '../client/history.js';
import { Journal } from '../journal.js';
import { readEffects } from './read-effects.js';
import type { Setup } from './setup.js';

/**
 * Reads how fires ended under the policies that end earlier ones: only there a handler may go on, and the results that
 * were accepted decide. Of older fires retention has removed what there was to read.
 */
export async function readFires({ paths, schedules }: Setup, drover: Drover): Promise<void> {
  const ending = schedules.filter(({ overlap }) => overlap === 'cancel-other' || overlap === 'terminate-other');
  const names = new Set(ending.map(({ name }) => name));
  const fires = readEffects(paths, ({ fire }) => fire !== undefined && names.has(fire.schedule));
  const ids = new Map(fires.flatMap(({ task, id }) => (id === undefined ? [] : [[task, id] as const])));
  const history = new ClientHistory(new Journal<Operation>(paths.operations), 'fires', 0);
  await Promise.all(Array.from(ids, ([task, id]) => readResult(history, task, drover.task(id))));
}

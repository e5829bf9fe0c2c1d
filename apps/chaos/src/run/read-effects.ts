import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Effect } from '@drover/verify';
import { readJournal } from '../journal.js';
import type { Paths } from './setup.js';

/** The lines that handlers wrote so far which the function chooses, in the order of time. */
export function readEffects({ effects }: Pick<Paths, 'effects'>, wanted: (effect: Effect) => boolean): Effect[] {
  return readdirSync(effects)
    .flatMap((file) => readJournal<Effect>(path.join(effects, file)))
    .filter(wanted)
    .sort((a, b) => a.at - b.at);
}

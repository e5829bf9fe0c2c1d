import {
  FILTER_FIELD_NAMES,
  FilterError,
  type FilterTarget,
  filterTerm,
  formatFilter,
  matchesFilter,
  parseFilter,
} from '@drover/core';
import fc from 'fast-check';
import { damaged, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

const GOOD = [
  'state:failed queue:images,mail -type:resize* since:1h error:"no such file"',
  'key:"a \\"b\\\\c"* worker:w1 attempt:>=2,<9 until:2026-11-28T10:00:30.5+02:00',
  'id:01KDVDK000ABCDEFGHJKMNPQRS.3 batch:01KDVDK000ABCDEFGHJKMNPQRS -since:2026-11-28',
];
const decoder = new TextDecoder();
const word = fc.constantFrom(...FILTER_FIELD_NAMES, '-', ':', ',', '*', '"', '\\', ' ', '>', 'failed', '1h', '2');
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
  damaged(fc.constantFrom(...GOOD).map(utf8)).map((bytes) => decoder.decode(bytes)),
);
const TASK: FilterTarget = {
  ...{ id: '01KDVDK000ABCDEFGHJKMNPQRS.3', type: 'noop', queue: 'default', state: 'pending', worker: null },
  ...{ key: null, attempt: 0, submittedAt: 0 },
};

/** A filter is refused at a position within the text, or it is read; its own text then is read as the same filter. */
export function filterTargets(): Target[] {
  return [{ name: 'filters', share: 1, property: fc.property(anyText, checkFilter) }];
}

function checkFilter(text: string): void {
  try {
    for (const field of FILTER_FIELD_NAMES) filterTerm(field, text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
  }
  try {
    const filter = parseFilter(text);
    matchesFilter(filter, TASK, 0);
    const written = formatFilter(filter);
    if (formatFilter(parseFilter(written)) !== written) throw new Error(`${written} was read as something else`);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    if (error.position > text.length) throw new Error(`position ${error.position} of ${text.length}`, { cause: error });
  }
}

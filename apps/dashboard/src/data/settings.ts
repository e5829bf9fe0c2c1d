import { effect } from '@preact/signals';
import { kept, oneOf } from './kept.js';

/** Choices of the user, for this browser. */
export const theme = kept('theme', 'system', oneOf('system', 'light', 'dark'));
/** Times are shown in the zone of the browser, or in UTC. */
export const zone = kept('zone', 'local', oneOf('local', 'utc'));
export const density = kept('density', 'comfortable', oneOf('comfortable', 'compact'));

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
/** Columns of the table of tasks that are left out, by their heads. */
export const hiddenColumns = kept<string[]>('columns', ['Started', 'Finished', 'Key', 'Tenant', 'Priority'], areTexts);

export interface SavedFilter {
  name: string;
  filter: string;
}
const isSavedFilter = (value: unknown): value is SavedFilter =>
  typeof value === 'object' && value !== null && 'name' in value && 'filter' in value;
export const savedFilters = kept<SavedFilter[]>(
  'filters',
  [],
  (value): value is SavedFilter[] => Array.isArray(value) && value.every(isSavedFilter),
);

/** To be called once: the style sheet follows attributes of the document. */
export function applySettings(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === 'system') delete dataset.theme;
    else dataset.theme = theme.value;
    dataset.density = density.value;
  });
}

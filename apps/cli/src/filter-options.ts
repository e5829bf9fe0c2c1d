import { FilterError, filterTerm, formatFilter, parseFilter, type FilterField } from '@drover/core';
import type { Options } from 'yargs';
import { textArg, type Environment } from './command.js';
import { UsageError } from './failure.js';

const text = (describe: string): Options => ({ type: 'string', requiresArg: true, group: 'Filter:', describe });

const FIELD_OPTIONS = {
  state: text('Only tasks in these states, e.g. failed or pending,retrying'),
  queue: text('Only tasks of these queues'),
  type: text('Only tasks of these types, e.g. resize or resize*'),
  worker: text('Only tasks whose current or last attempt is on these workers'),
  key: text('Only tasks with these deduplication keys'),
  batch: text('Only tasks of these batches'),
  since: text('Only tasks submitted since then, e.g. 1h or 2026-11-28T10:00Z'),
  until: text('Only tasks submitted before then'),
  attempt: text('Only tasks at these attempts, e.g. 2 or ">1"'),
  error: text('Only tasks whose last error contains this text'),
} satisfies Partial<Record<FilterField, Options>>;
const FIELDS = Object.keys(FIELD_OPTIONS) as (keyof typeof FIELD_OPTIONS)[];

/** Options that choose tasks; each is a term of the filter. */
export const FILTER_OPTIONS: Record<string, Options> = {
  ...FIELD_OPTIONS,
  filter: text('The same in one text, e.g. "state:failed -queue:mail"'),
};

export const FILTER_DETAILS = `A filter has terms such as state:failed, queue:images,mail, type:resize*, since:1h, attempt:>1 or
error:timeout. All terms must match; commas separate alternatives; a leading '-' negates, as in -state:failed.
Each option of the group Filter is one term.`;

/** The filter of options and positional terms, in one text; empty where none was given. Throws `UsageError`. */
export function filterOf(args: Environment['args'], terms: readonly string[]): string {
  const fromText = [...terms, textArg(args, 'filter') ?? ''].map((given) => parsed(given));
  const fromOptions = FIELDS.flatMap((field) => {
    const value = textArg(args, field);
    return value === undefined ? [] : [optionTerm(field, value)];
  });
  return [...fromText.flat(), ...fromOptions].length === 0 ? '' : formatFilter([...fromText.flat(), ...fromOptions]);
}

function parsed(given: string): ReturnType<typeof parseFilter> {
  try {
    return parseFilter(given);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new UsageError(`filter '${given}', character ${error.position + 1}: ${error.message}`, { cause: error });
  }
}

function optionTerm(field: FilterField, value: string): ReturnType<typeof filterTerm> {
  try {
    return filterTerm(field, value);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new UsageError(`--${field}: ${error.message.replace(`${field}: `, '')}`, { cause: error });
  }
}

import { TASK_OPTION_NAMES, type TaskOptionName } from '@drover/core';
import type { Draft } from './snippets.js';

export type { Draft } from './snippets.js';

/** The form as an address fills it: `/submit?type=echo&queue=mail&payload={}`. */
export function draftOf(query: URLSearchParams): Draft {
  const options: Partial<Record<TaskOptionName, string>> = {};
  for (const name of TASK_OPTION_NAMES) {
    const text = query.get(name);
    if (text !== null && text !== '') options[name] = text;
  }
  return { type: query.get('type') ?? '', payload: query.get('payload') ?? '{}', options };
}

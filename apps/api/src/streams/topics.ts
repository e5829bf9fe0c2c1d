import { schemas } from '@drover/api';
import { isBatchId, nearest, parseTaskId } from '@drover/core';
import { ApiError } from '../api-error.js';

export type Topic = (typeof schemas.TOPICS)[number];

/** The topics of a stream. */
export interface Topics {
  readonly names: ReadonlySet<Topic>;
  readonly tasks: readonly string[];
  readonly batches: readonly string[];
  /** As they were asked for. */
  readonly all: readonly string[];
}

const MOST_TASKS = 10;

/** Reads `overview,failures,task:01K….3`. Pure. Throws `ApiError` `invalid-argument`. */
export function topicsOf(text: string): Topics {
  const all = [...new Set(text.split(',').map((topic) => topic.trim()))].filter((topic) => topic !== '');
  const tasks = all.flatMap((topic) => (topic.startsWith('task:') ? [topic.slice(5)] : []));
  const batches = all.flatMap((topic) => (topic.startsWith('batch:') ? [topic.slice(6)] : []));
  const names = all.filter((topic) => !/^(task|batch):/.test(topic));
  const unknown = names.find((name) => !isTopic(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, schemas.TOPICS);
    throw refused(`there is no topic ${JSON.stringify(unknown)}${near === null ? '' : `; did you mean '${near}'?`}`);
  }
  const wrong = [...tasks.filter((id) => parseTaskId(id) === null), ...batches.filter((id) => !isBatchId(id))][0];
  if (wrong !== undefined) throw refused(`${JSON.stringify(wrong)} is no id of a task or batch`);
  if (all.length === 0) throw refused('no topic is named');
  if (tasks.length + batches.length > MOST_TASKS)
    throw refused(`a stream follows ${MOST_TASKS} tasks and batches at most`);
  return { names: new Set(names as Topic[]), tasks, batches, all };
}

const isTopic = (name: string): name is Topic => (schemas.TOPICS as readonly string[]).includes(name);

const EXPECTED = `some of ${schemas.TOPICS.join(', ')}, task:<id>, batch:<id>, separated by commas`;
const refused = (why: string): ApiError =>
  new ApiError('invalid-argument', `topics: ${why}; expected ${EXPECTED}`, { field: 'topics', expected: EXPECTED });

import { parseTaskId, taskId } from '@drover/core';
import fc from 'fast-check';
import {
  ancestry,
  assignmentName,
  batchPath,
  childOf,
  examples,
  keyPath,
  parseAssignmentName,
  parseResultName,
  parseTasksPath,
  resultName,
  resultPath,
  splitConnectString,
  withRoot,
  workerName,
} from '@drover/protocol';
import { damaged, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

const BATCH = '01KDVDK000ABCDEFGHJKMNPQRS';
const GOOD = [
  ...examples().map(({ at }) => at),
  ...[`${BATCH}.3`, `${BATCH}.e7-42`, 'e7-42.ok', 'e7-42.ok-15600-16120', 'e7-42.0', 'e7-43.end', 'w1-1rk0zb3m9q'],
  'zk1:2181,[::1]:2182/prod',
];
const decoder = new TextDecoder();
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(...GOOD),
  damaged(fc.constantFrom(...GOOD).map(utf8)).map((bytes) => decoder.decode(bytes)),
);

/** Names are refused (`null`) or are the only way to write what they say: one thing has one name. */
export function nameTargets(): Target[] {
  return [{ name: 'names and paths', share: 1, property: fc.property(anyName, checkName) }];
}

function checkName(name: string): void {
  const id = parseTaskId(name);
  if (id !== null) same(taskId(id.batch, id.index, id.cell), name);
  const assignment = parseAssignmentName(name);
  if (assignment !== null) same(assignmentName(assignment.batch, assignment), name);
  const result = parseResultName(name);
  if (result !== null) same(resultName(result), name);
  const place = parseTasksPath(name);
  if (place !== null)
    same(place.result === null ? batchPath(place.batch) : resultPath(place.batch, place.result), name);
  const child = childOf('/workers', name);
  if (child !== null) same(`/workers/${child}`, name);
  if (!name.startsWith(workerName(name))) throw new Error('a worker that its id does not begin with');
  const { hosts, root } = splitConnectString(name);
  same(withRoot(name), hosts + root);
  ancestry(name);
  keyPath(name, name);
}

function same(written: string, given: string): void {
  if (written !== given) throw new Error(`${JSON.stringify(given)} was taken for ${JSON.stringify(written)}`);
}

import { RecordError } from '@drover/core';
import fc from 'fast-check';
import {
  attemptEndOf,
  decodeBatch,
  decodeBatchHeader,
  decodeRecord,
  decodeResult,
  decodeResultHeader,
  decodeSchedules,
  decodeScheduleStates,
  encodeBatch,
  encodeRecord,
  encodeResult,
  encodeSchedules,
  encodeScheduleStates,
  examples,
  failureOf,
  optionsAt,
  payloadsOf,
  RECORDS,
  type BatchHeader,
  type RecordKind,
} from '@drover/protocol';
import { garbageFor } from '../mutations.js';
import type { Target } from '../target.js';

const PATH = '/some/znode';
const EXAMPLES = examples();

/** Every codec of the znode tree. A record that it accepts can be used as its readers do, and be written again. */
export function recordTargets(): Target[] {
  const kinds = Object.keys(RECORDS) as RecordKind[];
  return [
    target('batch', examplesOf('/tasks/<bucket>/<batch>'), useBatch),
    target('result', examplesOf('/tasks/<bucket>/<batch>/<result>'), useResult),
    target('page of schedules', examplesOf('/schedules/<page>'), (data) => {
      encodeSchedules(decodeSchedules(PATH, data));
    }),
    target('state of schedules', examplesOf('/schedules/<page>/state'), (data) => {
      const { states, tz } = decodeScheduleStates(PATH, data);
      encodeScheduleStates(states, tz);
    }),
    ...kinds.map((kind) =>
      target(
        `record ${kind}`,
        EXAMPLES.filter((example) => example.kind === kind).map(({ data }) => data),
        (data) => void encodeRecord(kind, decodeRecord(kind, PATH, data)),
      ),
    ),
  ];
}

const examplesOf = (path: string): string[] =>
  EXAMPLES.filter((example) => example.path === path).map(({ data }) => data);

function target(name: string, valid: readonly string[], use: (data: Uint8Array) => void): Target {
  const property = fc.property(garbageFor(fc.constantFrom(...valid)), (data) => survives(() => use(data)));
  return { name, share: 1, property };
}

function survives(use: () => void): void {
  try {
    use();
  } catch (error) {
    if (!(error instanceof RecordError && error.message.startsWith(`${PATH}: `))) throw error;
  }
}

function useBatch(data: Uint8Array): void {
  useHeader(decodeBatchHeader(PATH, data));
  const batch = decodeBatch(PATH, data);
  for (let index = 0; index < batch.header.count; index++) batch.payload(index);
}

/** Uses a header as the leader does: looks up a task's options, and rewrites the header as for a finished batch. */
function useHeader(header: BatchHeader): void {
  optionsAt(header.groups, header.count - 1);
  const rewritten = { ...header, kept: [] };
  // A draft keeps its payloads.
  const payloads = payloadsOf(rewritten).map(() => 'null');
  decodeBatchHeader(PATH, new TextEncoder().encode(encodeBatch(rewritten, payloads)));
}

function useResult(data: Uint8Array): void {
  decodeResultHeader(PATH, data);
  const { header, ends } = decodeResult(PATH, data);
  encodeResult({ ...header, ends: [] }, []);
  for (const end of ends) {
    attemptEndOf(end, header);
    if (failureOf(end).message.length > data.length + 200) throw new Error('a reason that nobody gave');
  }
}

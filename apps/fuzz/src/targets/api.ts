import { ROUTES } from '@drover/api';
import { ApiError, checked, cursorOf, normalise, readCursor, topicsOf } from '@drover/api-server/internal/reading';
import { readServerState } from '@drover/zookeeper';
import fc from 'fast-check';
import { damaged, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

const LIST = ['state:failed', 'newest'];
const GOOD = [cursorOf(LIST, ['01KDVDK000ABCDEFGHJKMNPQRS.3', 7]), cursorOf(LIST, [null, null])];
const decoder = new TextDecoder();
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  damaged(fc.constantFrom(...GOOD).map(utf8)).map((bytes) => decoder.decode(bytes)),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
);
const topic = fc.constantFrom('overview', 'task:', 'batch:', '01KDVDK000ABCDEFGHJKMNPQRS', '.3', ',', ' ', 'x');
const SCHEMAS = ROUTES.flatMap(({ query, body }) => [
  ...(query === undefined ? [] : [{ schema: query, where: 'query' }]),
  ...(body === undefined ? [] : [{ schema: body.json, where: 'body' }]),
]);
const NAMES = [
  'limit',
  'cursor',
  'q',
  'wait',
  'after',
  'reason',
  'tasks',
  'spec',
  'type',
  'payload',
  'token',
  '__proto__',
  'x',
];
const anyInput = fc.oneof(
  fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(fc.string(), fc.jsonValue()), { maxKeys: 5 }),
  fc.jsonValue(),
);

/** Text of callers of the API is read, or refused with the API's own error. */
export function apiTargets(): Target[] {
  return [
    {
      name: 'api-cursor',
      share: 0.5,
      property: fc.property(anyText, (text) => survives(() => readCursor(text, LIST))),
    },
    {
      name: 'api-topics',
      share: 0.2,
      property: fc.property(
        fc.oneof(
          anyText,
          fc.array(topic).map((words) => words.join('')),
        ),
        (text) => survives(() => topicsOf(text)),
      ),
    },
    {
      name: 'api-input',
      share: 0.2,
      property: fc.property(anyInput, fc.constantFrom(...SCHEMAS), (given, { schema, where }) =>
        survives(() => checked(schema, given, where)),
      ),
    },
    { name: 'api-messages', share: 0.2, property: fc.property(anyText, (text) => void normalise(text)) },
    {
      name: 'four-letters',
      share: 0.2,
      property: fc.property(anyText, anyText, (a, b) => void readServerState(a, b, a)),
    },
  ];
}

function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ApiError && error.message !== '')) throw error;
  }
}

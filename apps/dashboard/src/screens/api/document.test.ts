import test from 'ava';
import { groupsOf, textOf, type OpenApi } from './document.js';

const document: OpenApi = {
  paths: {
    '/v1/tasks/{id}': {
      get: {
        operationId: 'getTask',
        summary: 'A task',
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Task' } } } },
          304: { description: 'Nothing new' },
        },
      },
    },
    '/livez': { get: { operationId: 'livez' } },
  },
  components: {
    schemas: {
      Task: {
        type: 'object',
        required: ['id'],
        properties: {
          id: { type: 'string' },
          next: { anyOf: [{ $ref: '#/components/schemas/Task' }, { type: 'null' }] },
        },
      },
    },
  },
};

test('operations are grouped by what they are about', (t) => {
  const groups = groupsOf(document);
  t.deepEqual(
    groups.map(({ name }) => name),
    ['tasks', 'process'],
  );
  const answers = groups[0]?.operations[0]?.answers;
  t.is(answers?.[0]?.media, 'application/json');
  t.deepEqual(answers?.[1], { status: '304', media: null, text: 'Nothing new' });
});

test('schemas are told as somebody who writes TypeScript reads them', (t) => {
  t.is(
    textOf({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, document),
    '(string | null)[]',
  );
  t.is(textOf({ enum: ['a', 'b'] }, document), '"a" | "b"');
  t.is(textOf({ type: ['integer', 'null'] }, document), 'number | null');
  t.is(textOf({ type: 'object', properties: { a: { type: 'number' } } }, document), '{\n  a?: number\n}');
  t.is(textOf({ type: 'object', additionalProperties: { type: 'integer' } }, document), '{ [name]: number }');
  t.is(textOf({}, document), 'any');
});

test('a schema that has itself in it ends', (t) => {
  t.true(textOf({ $ref: '#/components/schemas/Task' }, document).includes('Task'));
});

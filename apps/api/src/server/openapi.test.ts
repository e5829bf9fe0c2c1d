import { API_ERRORS, COMMON_ERRORS, ROUTES } from '@drover/api';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { readFileSync } from 'node:fs';
import { openApiOf } from './openapi.js';

interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
const document = openApiOf(ROUTES, '0.1.0') as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: object;
};

test('every route of the table is in the document, under its own name, and nothing else', (t) => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  t.deepEqual(operations.map(({ operationId }) => operationId).sort(), ROUTES.map(({ name }) => name).sort());
  t.is(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size, ROUTES.length);
  for (const path of Object.keys(document.paths)) t.notRegex(path, /:/);
});

test('every schema of it is one that JSON Schema 2020-12 knows', (t) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  let schemas = 0;
  for (const path of Object.values(document.paths))
    for (const { responses } of Object.values(path))
      for (const { content = {} } of Object.values(responses))
        for (const { schema } of Object.values(content)) {
          const given = { ...schema, components: document.components };
          t.true(ajv.validateSchema(given) === true, JSON.stringify(ajv.errors));
          schemas++;
        }
  t.true(schemas > 100);
  const names = Object.keys((document.components as { schemas: object }).schemas);
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name ?? '',
  );
  t.deepEqual(
    [...new Set(references)].filter((name) => !names.includes(name)),
    [],
  );
  t.is(document.openapi, '3.1.0');
});

test('what a route may answer is documented, and each error has a route or is common', (t) => {
  const announced = new Set(ROUTES.flatMap(({ errors }) => errors));
  const common: readonly string[] = [...COMMON_ERRORS, 'disabled', 'method-not-allowed'];
  for (const code of Object.keys(API_ERRORS)) t.true(announced.has(code as never) || common.includes(code), code);
});

test('the committed document is that of the table: node tools/openapi.mjs writes it', (t) => {
  const committed = new URL('../../../../../docs/openapi.json', import.meta.url);
  const same = JSON.stringify(JSON.parse(readFileSync(committed, 'utf8'))) === JSON.stringify(document);
  t.true(same, 'docs/openapi.json is of another table: node tools/openapi.mjs');
});

import { API_ERRORS, COMMON_ERRORS, schemas, type Body, type ErrorCode, type Route } from '@drover/api';
import { STATUS_CODES } from 'node:http';
import * as z from 'zod';

type Json = Record<string, unknown>;

const NDJSON = 'application/x-ndjson';
const TAGS = { tasks: 'Tasks', batches: 'Tasks', failures: 'Tasks', dead: 'Tasks' } as Readonly<Record<string, string>>;

/** The table of routes as an OpenAPI 3.1 document. Pure. */
export function openApiOf(routes: readonly Route[], version: string, basePath = ''): Json {
  const paths: Record<string, Json> = {};
  const named: Json = { Problem: problemSchema() };
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, named) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Drover',
      version,
      description:
        'Operators see and steer. Times are milliseconds since 1970 in fields that end in At, durations milliseconds in fields that end in Ms. Clients ignore fields that they do not know.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    security: [{}, { token: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-drover' },
      },
    },
  };
}

/** Schemas that have a name are added to `named`. */
function operationOf(route: Route, named: Json): Json {
  const { name, summary, permission, answeredBy, params, query, body, disableable, idempotent } = route;
  const parameters = [
    ...parametersOf('path', params, named),
    ...parametersOf('query', query, named),
    ...(idempotent === true
      ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', maxLength: 128 } }]
      : []),
  ];
  return {
    operationId: name,
    summary,
    tags: [tagOf(route)],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body, named) }),
    responses: responsesOf(route, named),
    ...(permission === null ? { security: [{}] } : {}),
    'x-permission': permission,
    'x-answered-by': answeredBy,
    ...(disableable === undefined ? {} : { 'x-disabled-by': disableable }),
  };
}

function tagOf({ path }: Route): string {
  const part = path.split('/')[2] ?? 'process';
  return TAGS[part] ?? part.charAt(0).toUpperCase() + part.slice(1);
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined, named: Json): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input', named) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function requestBody({ json, ndjson = false }: NonNullable<Route['body']>, named: Json): Json {
  const content = { 'application/json': { schema: schemaOf(json, 'input', named) } };
  return {
    required: true,
    content: ndjson
      ? { ...content, [NDJSON]: { schema: { type: 'string', description: 'One task a line' } } }
      : content,
  };
}

function responsesOf({ answers, errors }: Route, named: Json): Json {
  const responses: Partial<Record<string, Json>> = {};
  for (const [status, body] of Object.entries(answers)) responses[status] = responseOf(Number(status), body, named);
  const codes = [...new Set<ErrorCode>([...errors, ...COMMON_ERRORS])];
  for (const status of [...new Set(codes.map((code) => API_ERRORS[code].status))].sort((a, b) => a - b)) {
    const here = codes.filter((code) => API_ERRORS[code].status === status);
    const description = here.map((code) => `\`${code}\`: ${API_ERRORS[code].title}`).join('; ');
    // A probe answers with a status that errors have, too.
    responses[status] ??= {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return responses;
}

function responseOf(status: number, body: Body, named: Json): Json {
  const description = STATUS_CODES[status] ?? 'Answer';
  if (body === null) return { description };
  if ('media' in body) return { description, content: { [body.media]: { schema: { type: 'string' } } } };
  const { json, lines } = body as { json?: z.ZodType; lines?: z.ZodType };
  return {
    description,
    content: {
      ...(json === undefined ? {} : { 'application/json': { schema: schemaOf(json, 'output', named) } }),
      ...(lines === undefined ? {} : streamOf(lines, named)),
    },
  };
}

function streamOf(lines: z.ZodType, named: Json): Json {
  const schema = schemaOf(lines, 'output', named);
  const described = { description: 'A stream: one such document a line, or one a server-sent event', ...schema };
  return { [NDJSON]: { schema: described }, 'text/event-stream': { schema: described } };
}

/** The documents that have a name in the table keep it: `task` is `Task`. */
const NAMES = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(schemas))
  if (schema instanceof z.ZodObject) NAMES.add(schema, { id: name.charAt(0).toUpperCase() + name.slice(1) });

const DEFS = '#/$defs/';

function schemaOf(schema: z.ZodType, io: 'input' | 'output', named: Json): Json {
  const suffix = io === 'input' ? 'Input' : '';
  const made = z.toJSONSchema(schema, { io, metadata: NAMES, unrepresentable: 'any', target: 'draft-2020-12' }) as Json;
  const { $schema: _, $defs = {}, ...rest } = referring(made, suffix) as Json & { $defs?: Json };
  // A reader ignores fields that it does not know: answers may gain some.
  const shown = (json: unknown): Json => (io === 'output' ? open(json) : json) as Json;
  for (const [name, definition] of Object.entries($defs)) named[name + suffix] = shown(definition);
  return withoutId(rest, suffix, named, shown);
}

/** A schema that has a name itself is a reference, too. */
function withoutId({ id, ...rest }: Json, suffix: string, named: Json, shown: (json: unknown) => Json): Json {
  if (typeof id !== 'string') return shown({ ...(id === undefined ? {} : { id }), ...rest });
  named[id + suffix] = shown(rest);
  return { $ref: `#/components/schemas/${id}${suffix}` };
}

/** With references into the document, and without the ids that made them. */
function referring(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((each) => referring(each, suffix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === '$ref' && typeof each === 'string' && each.startsWith(DEFS)
        ? `#/components/schemas/${each.slice(DEFS.length)}${suffix}`
        : name === '$defs'
          ? Object.fromEntries(
              Object.entries(each as Json).map(([def, schema]) => [
                def,
                withoutOwnId(referring(schema, suffix) as Json),
              ]),
            )
          : referring(each, suffix),
    ]),
  );
}

const withoutOwnId = ({ id: _, ...rest }: Json): Json => rest;

function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name, each]) => name !== 'additionalProperties' || each !== false);
  return Object.fromEntries(entries.map(([name, each]) => [name, open(each)]));
}

function problemSchema(): Json {
  return {
    type: 'object',
    description: 'RFC 9457. Some codes have further fields.',
    properties: {
      type: { type: 'string', description: 'urn:drover:error:<code>' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string', description: 'What was given, what was expected, what to do' },
      code: { type: 'string', enum: Object.keys(API_ERRORS) },
      requestId: { type: 'string' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  };
}

/** The parts of an OpenAPI document that the page reads. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly description?: string;
  readonly default?: unknown;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly description?: string;
}
interface RawParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}
interface RawOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}
export interface OpenApi {
  readonly info?: { readonly title?: string; readonly version?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly RawParameter[];
  readonly body: string | null;
  /** `media`: null where it has no body. */
  readonly answers: readonly { readonly status: string; readonly media: string | null; readonly text: string }[];
}
export interface Group {
  readonly name: string;
  readonly operations: readonly Operation[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Operations by the thing that they are about, in the order of the document. Pure. */
export function groupsOf(document: OpenApi): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const raw = item[method];
      if (raw === undefined) continue;
      const name = raw.tags?.[0] ?? thingOf(path);
      groups.set(name, [...(groups.get(name) ?? []), operationOf(document, method, path, raw)]);
    }
  return [...groups].map(([name, operations]) => ({ name, operations }));
}

/** `/v1/tasks/{id}` is about tasks; what is outside of `/v1` are probes and documents. */
const thingOf = (path: string): string => /^\/v1\/([a-z]+)/.exec(path)?.[1] ?? 'process';

function operationOf(document: OpenApi, method: string, path: string, raw: RawOperation): Operation {
  return {
    id: raw.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? '',
    description: raw.description ?? '',
    parameters: raw.parameters ?? [],
    body: raw.requestBody === undefined ? null : contentText(document, raw.requestBody).text,
    answers: Object.entries(raw.responses ?? {}).map(([status, content]) => ({
      status,
      ...contentText(document, content),
    })),
  };
}

function contentText(document: OpenApi, { content, description }: Content): { media: string | null; text: string } {
  const [first] = Object.entries(content ?? {});
  if (first === undefined) return { media: null, text: description ?? '' };
  const [media, { schema }] = first;
  return { media, text: schema === undefined ? '' : textOf(schema, document) };
}

const DEEPEST = 6;

/** A schema as somebody who writes TypeScript reads it. */
export function textOf(schema: Schema, document: OpenApi, depth = 0): string {
  if (schema.$ref !== undefined) return ofReference(schema.$ref, document, depth);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((choice) => textOf(choice, document, depth)))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((part) => textOf(part, document, depth)).join(' & ');
  if (Array.isArray(schema.type))
    return schema.type.map((type: string) => textOf({ ...schema, type }, document, depth)).join(' | ');
  if (schema.type === 'array') return arrayText(textOf(schema.items ?? {}, document, depth));
  if (schema.type === 'object' || schema.properties !== undefined) return objectText(schema, document, depth);
  return typeof schema.type === 'string' ? (NAMES[schema.type] ?? schema.type) : 'any';
}

const NAMES: Readonly<Record<string, string>> = { integer: 'number' };
const arrayText = (of: string): string => (/ [|&] /.test(of) && !of.startsWith('{') ? `(${of})[]` : `${of}[]`);

function ofReference(reference: string, document: OpenApi, depth: number): string {
  const name = reference.split('/').at(-1) ?? reference;
  const schema = document.components?.schemas?.[name];
  return schema === undefined || depth >= DEEPEST ? name : textOf(schema, document, depth);
}

function objectText({ properties, required, additionalProperties }: Schema, document: OpenApi, depth: number): string {
  const fields = Object.entries(properties ?? {});
  const rest = typeof additionalProperties === 'object' ? textOf(additionalProperties, document, depth + 1) : null;
  if (fields.length === 0) return rest === null ? 'object' : `{ [name]: ${rest} }`;
  if (depth >= DEEPEST) return '{ … }';
  const indent = '  '.repeat(depth + 1);
  const lines = fields.map(([name, schema]) => {
    const mark = required?.includes(name) === true ? '' : '?';
    return `${indent}${name}${mark}: ${textOf(schema, document, depth + 1)}`;
  });
  return `{\n${lines.join('\n')}\n${'  '.repeat(depth)}}`;
}

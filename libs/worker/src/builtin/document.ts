import * as z from 'zod';
import { INSTANT_DOCUMENTS, type BuiltInDocument } from './built-in.js';
import { computeDocuments } from './compute.js';
import { fileDocuments } from './file.js';
import { httpDocument } from './http/http-payload.js';
import { shellDocument } from './shell/shell-payload.js';
import { sleepDocument } from './sleep.js';

/** `docs/built-in-types.md`: each type with the fields that its schema checks. */
export function builtInTypesDocument(): string {
  return `${[INTRODUCTION, ...DOCUMENTS.map(section)].join('\n\n')}\n`;
}

const DOCUMENTS: readonly BuiltInDocument[] = [
  ...INSTANT_DOCUMENTS,
  sleepDocument,
  ...computeDocuments,
  shellDocument,
  httpDocument,
  ...fileDocuments,
];

const INTRODUCTION = `<!-- Generated from libs/worker/src/builtin by \`node tools/built-in-types.mjs\`; a test compares. -->

# Built-in task types

Every worker offers \`echo\`, \`noop\`, \`sleep\` and \`math.*\`. The others act on the worker's machine or its network, with the
rights of the worker, for whoever can write to Drover's root in ZooKeeper: a worker offers them only where it is asked to, and
warns of each when it starts:

\`\`\`sh
drover worker --builtin shell,http,file
\`\`\`

\`drover dev\` and \`drover demo\` ask for all. A handlers module may have a handler of the same name: it takes the place of the
built-in type.

A payload is an object with the fields below and no others. One that does not fit fails the task without another attempt,
with everything that is wrong in the message: \`shell: payload.argv: missing, expected array; payload: unknown field 'cmd'\`. A
timeout or a cancel ends each of them at once. For the option \`heartbeat\` each piece of output of \`shell\`, of the answer of
\`http\` and of the file of \`file.checksum\` is a sign of life; the other types give none. Results are at most 256 KiB of JSON. "Retried" means: as the retry policy of the
task says, as long as it has attempts left.

## What \`http\` reaches

| \`--http-policy\` | addresses | ports |
| --- | --- | --- |
| \`public\` (default) | public ones | 80, 443 |
| \`private\` | public ones, and those of private networks (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7) | any |
| \`off\` | any | any |

\`--http-allow\` opens single destinations besides: \`api.internal\` (ports 80 and 443), \`api.internal:8443\`, \`10.1.0.0/16\`,
\`10.1.0.0/16:9200\`, \`[fd00::]/8:*\` (any port). The policy judges the address that a connection goes to, whatever the URL
calls it, and all addresses of a name have to pass; each redirect is judged anew. Never public: this machine, link-local
addresses, addresses of clouds that give out credentials, multicast, reserved ranges, and IPv4 addresses in the form of IPv6.`;

function section({ type, summary, payload, result, limits, retries }: BuiltInDocument): string {
  const parts = [
    `## \`${type}\``,
    summary,
    payload === null ? 'Payload: anything.' : fieldTables(payload).join('\n\nor\n\n'),
    `Result: ${result}`,
    ...(limits.length === 0 ? [] : [limits.map((limit) => `- ${limit}`).join('\n')]),
    retries,
  ];
  return parts.join('\n\n');
}

interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function fieldTables(payload: z.ZodType): string[] {
  const schema = z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return (schema.anyOf ?? [schema]).map(fieldTable);
}

function fieldTable({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([name, field]) => {
    const fallback = field.default === undefined ? 'optional' : `\`${JSON.stringify(field.default)}\``;
    return `| \`${name}\` | ${shapeOf(field)} | ${required.includes(name) ? 'required' : fallback} | ${field.description ?? ''} |`;
  });
  return ['| field | value | default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function shapeOf(field: JsonSchema): string {
  const { type, items, additionalProperties, minimum, maximum } = field;
  if (type === 'array') return `list of ${items === undefined ? 'values' : shapeOf(items)}`;
  if (type === 'object' && typeof additionalProperties === 'object')
    return `object of ${shapeOf(additionalProperties)}`;
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'whole number' : 'number';
    return `${kind} from ${count(minimum)} to ${count(maximum)}`;
  }
  return type === 'string' ? 'text' : 'any JSON';
}

const count = (limit = 0): string => limit.toLocaleString('en');

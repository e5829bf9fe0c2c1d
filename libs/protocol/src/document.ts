import * as z from 'zod';
import { examples, type Example } from './examples.js';
import { LAYOUT, TREE } from './paths.js';
import { RECORDS, type RecordKind } from './records.js';

/** `docs/znodes.md`: the tree, each record's fields by its schema, and an example that the codecs have made. */
export function znodesDocument(): string {
  return [
    INTRODUCTION,
    treeTable(),
    `The ${LAYOUT.length} persistent directories are created by the first scheduler, worker, or client that writes. Bucket: \`00\` to \`3f\`.`,
    LOOKING,
    ...examples().map(section),
  ].join('\n\n');
}

const INTRODUCTION = `<!-- Written by tools/znodes.mjs from libs/protocol. Do not edit. -->
# Znodes

Everything that Drover knows is in ZooKeeper, as UTF-8 JSON: one record a znode, or one JSON value a line. All paths are
relative to the root: the chroot of the connect string, or \`/drover\` if it names none. Every record has its version
(\`"v":1\`), and readers keep fields that they do not know. A record that a program must not use without knowing some
feature has version 2 and \`"needs":["<feature>"]\`. A program that does not know the feature skips the record and logs
which one it lacks; all programs skip records of a version above 2.
Times are milliseconds since 1970. Tasks of a batch are named by stretches \`[from, to)\` of their indexes.

Every persistent znode has one writer at a time and one owner that removes it. Do not write here by hand: use \`drover\`.
A program logs records that it cannot read (\`record.invalid\`) and leaves them alone.`;

const LOOKING = `## To look around

\`\`\`sh
zkCli.sh -server localhost:2181/drover      # then, at its prompt:
get /leader                                 # the leader, and since when
get -s /epoch                               # the fence: dataVersion
ls /workers                                 # the workers
ls -R /assignments                          # assigned tasks by worker; each name has batch and epoch
get /status                                 # counts, queues, types that no worker offers
\`\`\`

A task's id is \`<batch>.<index>\`. Its batch is at \`/tasks/<bucket>/<batch>\`, where the bucket follows from the last two
characters of the batch's id; \`drover get <task-id>\` finds it, and so does \`ls -R /tasks\` in a small system.`;

function treeTable(): string {
  const rows = TREE.map(([path, mode, writer, meaning]) => `| \`${path}\` | ${mode} | ${writer} | ${meaning} |`);
  return ['## The tree\n', '| path | mode | written by | what it is |', '|---|---|---|---|', ...rows].join('\n');
}

function section({ path, kind, why, data, at }: Example): string {
  const lines = ['## `' + path + '`', '', why, ''];
  if (kind !== null) lines.push(fieldTable(kind), '');
  lines.push('```', `get ${at}`, data, '```');
  return lines.join('\n');
}

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function fieldTable(kind: RecordKind): string {
  const { properties = {}, required = [] } = z.toJSONSchema(RECORDS[kind], { io: 'input' }) as JsonSchema;
  const rows = Object.entries(properties).map(
    ([name, field]) => `| \`${name}\` | ${shapeOf(field)}${required.includes(name) ? '' : ', optional'} |`,
  );
  return ['| field | value |', '|---|---|', ...rows].join('\n');
}

/** The shape of a field in words, one level deep. */
function shapeOf(field: JsonSchema): string {
  const { type, anyOf, oneOf, items, prefixItems, properties } = field;
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum !== undefined) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (anyOf !== undefined || oneOf !== undefined) return (anyOf ?? oneOf ?? []).map(shapeOf).join(' or ');
  if (prefixItems !== undefined) return '`[from, to]`';
  if (type === 'array') return `list of ${items === undefined ? 'values' : shapeOf(items)}`;
  if (type === 'object' && properties !== undefined) return `{ ${Object.keys(properties).join(', ')} }`;
  return type === 'integer' ? 'whole number' : (type ?? 'any');
}

import { TASK_OPTIONS, toFlag, type TaskOptionName } from '@drover/core';

/** The form, as texts that would stand behind the flags of the command line. */
export interface Draft {
  readonly type: string;
  /** JSON text; empty: no payload. */
  readonly payload: string;
  /** Only options that are given. */
  readonly options: Readonly<Partial<Record<TaskOptionName, string>>>;
}

/** The body of `POST /v1/tasks`. The payload must be JSON. */
export function bodyOf({ type, payload, options }: Draft): Record<string, unknown> {
  const body: Record<string, unknown> = { type };
  if (payload.trim() !== '') body.payload = JSON.parse(payload) as unknown;
  for (const [name, text] of Object.entries(options) as [TaskOptionName, string][]) body[name] = valueOf(name, text);
  return body;
}

function valueOf(name: TaskOptionName, text: string): unknown {
  const fromText: ((text: string) => unknown) | undefined = TASK_OPTIONS[name].flag.fromText;
  return fromText === undefined ? text : fromText(text);
}

export function asCurl(draft: Draft, origin: string): string {
  return [
    `curl -X POST ${quoted(`${origin}/v1/tasks`)}`,
    `-H 'Content-Type: application/json'`,
    `-H "Authorization: Bearer $DROVER_TOKEN"`,
    `-d ${quoted(JSON.stringify(bodyOf(draft)))}`,
  ].join(' \\\n  ');
}

export function asCommand({ type, payload, options }: Draft): string {
  const parts = [`drover submit ${quoted(type || 'TYPE')}`];
  if (payload.trim() !== '') parts.push(`--payload ${quoted(compact(payload))}`);
  for (const [name, text] of Object.entries(options) as [TaskOptionName, string][])
    parts.push(`--${flagName(name)} ${quoted(text)}`);
  return parts.join(' \\\n  ');
}

function flagName(name: TaskOptionName): string {
  const flag: { readonly name?: string } = TASK_OPTIONS[name].flag;
  return toFlag(flag.name ?? name);
}

export function asTypeScript(draft: Draft): string {
  const { type, payload, ...options } = bodyOf(draft);
  const args = [
    literal(type),
    payload === undefined ? null : literal(payload),
    Object.keys(options).length === 0 ? null : literal(options),
  ];
  while (args.at(-1) === null) args.pop();
  return [
    `import { connect } from 'drover';`,
    '',
    `const drover = await connect(process.env.DROVER_ZK);`,
    `const task = await drover.submit(${args.map((arg) => arg ?? 'undefined').join(', ')});`,
    `console.log(await task.result());`,
    `await drover.close();`,
  ].join('\n');
}

/** For a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** As a person writes it in TypeScript: names bare where they may be, single quotes. */
export function literal(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(
    ([name, of]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)}: ${literal(of)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const compact = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
};

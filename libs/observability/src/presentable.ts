/**
 * Makes a value fit for a log: of bounded size, JSON, without secrets and, unless asked for, without payloads. This is
 * the last check before a line is written; code that logs should not pass such things in the first place.
 */
export interface PresentOptions {
  /** Stack traces of errors. */
  stacks: boolean;
  /** Fields named payload, result, body, input and output. */
  payloads: boolean;
}

const SECRET_NAME =
  /pass(word|wd|phrase)|secret|credential|authorization|cookie|api[-_]?key|private[-_]?key|^(auth|key|token|access[-_]?token|refresh[-_]?token|bearer)$/i;
const PAYLOAD_NAME = /^(payload|payloads|result|results|body|input|output|stdin)$/i;
const URL_CREDENTIALS = /(\/\/)[^/\s@]+@/g;

/** Whether a field of this name holds a secret, as far as a name can tell. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** The text without the user and the password of an address in it. */
export const withoutCredentials = (text: string): string => text.replace(URL_CREDENTIALS, '$1[redacted]@');

const MAX_DEPTH = 5;
const MAX_ITEMS = 50;
const MAX_CHARS = 2_000;

/** The record's fields, each presentable. */
export function presentFields(fields: Record<string, unknown>, options: PresentOptions): Record<string, unknown> {
  return presentRecord(fields, options, 0);
}

function presentRecord(record: object, options: PresentOptions, depth: number): Record<string, unknown> {
  const entries = Object.entries(record);
  const shown = entries.slice(0, MAX_ITEMS).map(([name, value]) => [name, presentNamed(name, value, options, depth)]);
  if (entries.length > MAX_ITEMS) shown.push(['...', `${entries.length - MAX_ITEMS} more`]);
  return Object.fromEntries(shown) as Record<string, unknown>;
}

function presentNamed(name: string, value: unknown, options: PresentOptions, depth: number): unknown {
  if (value === undefined || value === null) return value;
  if (isSecretName(name)) return '[redacted]';
  if (!options.payloads && PAYLOAD_NAME.test(name)) return '[payload]';
  return present(value, options, depth + 1);
}

function present(value: unknown, options: PresentOptions, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return shorten(withoutCredentials(value));
    case 'bigint':
    case 'symbol':
      return value.toString();
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : presentObject(value, options, depth);
    default:
      return value;
  }
}

function presentObject(value: object, options: PresentOptions, depth: number): unknown {
  if (depth > MAX_DEPTH) return '[...]';
  if (value instanceof Error) return presentError(value, options, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return present([...value], options, depth);
  if (!Array.isArray(value)) return presentRecord(value, options, depth);
  const items = value.slice(0, MAX_ITEMS).map((item) => present(item, options, depth + 1));
  if (value.length > MAX_ITEMS) items.push(`... ${value.length - MAX_ITEMS} more`);
  return items;
}

/** Name, message and the fields that our error classes carry; causes too. */
function presentError(error: Error, options: PresentOptions, depth: number): unknown {
  const { name, message, stack, cause, ...fields } = error;
  return {
    name,
    message: present(message, options, depth),
    ...presentRecord(fields, options, depth),
    ...(cause === undefined ? {} : { cause: present(cause, options, depth + 1) }),
    ...(options.stacks && stack !== undefined ? { stack: present(stack, options, depth) } : {}),
  };
}

function shorten(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}... (${text.length} characters)` : text;
}

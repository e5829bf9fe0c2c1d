import { InvalidArgumentError } from '@drover/core';
import { SCHEDULE_LIMITS } from './policies.js';

/** Nothing is given: JSON and YAML have no `undefined`. */
export const isNone = (value: unknown): value is null | undefined => value === undefined || value === null;

/** The errors of whoever parses a part name its fields: here they are below another. */
export function inside<T>(argument: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const { message } = error;
    const where = message.startsWith(`${error.argument}: `) ? `${argument}.${message}` : `${argument}: ${message}`;
    throw new InvalidArgumentError(`${argument}.${error.argument}`, where);
  }
}

/** As JSON has it: what comes back from ZooKeeper is the same. Throws `InvalidArgumentError`. */
export function parsePayload(argument: string, given: unknown): unknown {
  const text = jsonOf(argument, given);
  if (text === undefined) throw new InvalidArgumentError(argument, given, 'a value that JSON has');
  const bytes = bytesOf(text);
  if (bytes <= SCHEDULE_LIMITS.payloadBytes) return JSON.parse(text) as unknown;
  throw new InvalidArgumentError(
    argument,
    `${argument}: ${bytes} bytes as JSON, the payload of a schedule has at most ${SCHEDULE_LIMITS.payloadBytes}; ` +
      'store the data elsewhere and give a reference to it',
  );
}

/** `undefined`: JSON has no such value. */
function jsonOf(argument: string, given: unknown): string | undefined {
  try {
    return JSON.stringify(given);
  } catch (error) {
    throw new InvalidArgumentError(argument, `${argument}: cannot be written as JSON (${(error as Error).message})`);
  }
}

/** Of UTF-8. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

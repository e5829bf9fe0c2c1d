import { InvalidArgumentError } from '@drover/core';
import { UsageError } from './failure.js';

/** Throws `UsageError` that names the flag, where what is called throws `InvalidArgumentError` for the field of that name. */
export function withFlags<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(withFlag(error));
  }
}

/** The field of a definition, as a flag. */
function withFlag({ argument, message }: InvalidArgumentError): string {
  const flag = argument.slice(argument.lastIndexOf('.') + 1);
  return message.startsWith(`${argument}: `) ? `--${flag}${message.slice(argument.length)}` : message;
}

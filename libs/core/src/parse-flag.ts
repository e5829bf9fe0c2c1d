import { InvalidArgumentError } from './errors.js';

/** Throws `InvalidArgumentError`. */
export function parseFlag(argument: string, given: unknown): boolean {
  if (typeof given === 'boolean') return given;
  throw new InvalidArgumentError(argument, given, 'true or false');
}

/** `--name`, or `--name false`. */
export const flagFromText = (text: string): unknown =>
  text === '' || text === 'true' ? true : text === 'false' ? false : text;

import { InvalidArgumentError } from '../errors.js';
import { isShortText } from '../limit-refs.js';
import type { Shape } from '../shapes.js';

const MOST_PLACES = 16;
export const NEAR_SHAPE: Shape = { kind: 'list', of: { kind: 'text' }, most: MOST_PLACES };
const NEAR = "places such as 'host:h17' or 'rack:r2', which are a label, a colon and its value";

/** Labels with values where it had best run, the best first: `host:h17`. Throws `InvalidArgumentError`. */
export function parseNear(argument: string, given: unknown): readonly string[] | null {
  const list: unknown = typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given;
  if (!Array.isArray(list)) throw new InvalidArgumentError(argument, given, NEAR);
  const places = [...new Set(Array.from(list as unknown[], (each) => toPlace(argument, each)))];
  if (places.length > MOST_PLACES)
    throw new InvalidArgumentError(argument, `${places.length} places`, `${MOST_PLACES} at most`);
  return places.length === 0 ? null : places;
}

function toPlace(argument: string, given: unknown): string {
  if (typeof given === 'string' && /^[^:]+:./.test(given) && isShortText(given, 256)) return given;
  throw new InvalidArgumentError(argument, given, NEAR);
}

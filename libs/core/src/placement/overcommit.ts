import { InvalidArgumentError } from '../errors.js';
import { isInBytes, MOST_RESOURCES, parseResourceName } from './amounts.js';
import { isDevice } from './parse-demand.js';

/** By resource: tasks may claim so many times what there is. */
export type Overcommit = Readonly<Record<string, number>>;

const MOST_TIMES = 100;
const EXPECTED = 'factors from 1 to 100 by resource, such as { cpu: 1.5 }';

/**
 * `{ cpu: 1.5 }`, or `cpu=1.5`. Memory, disk and devices are promised more than once only where it is said with a mark:
 * `memory!=1.2`, or `{ 'memory!': 1.2 }`. Throws `InvalidArgumentError`.
 */
export function parseOvercommit(argument: string, given: unknown): Overcommit {
  const entries = typeof given === 'string' ? entriesOfText(argument, given) : entriesOf(argument, given);
  if (entries.length > MOST_RESOURCES)
    throw new InvalidArgumentError(argument, `${entries.length} resources`, `${MOST_RESOURCES} at most`);
  const factors = new Map<string, number>();
  for (const [text, value] of entries) {
    const name = parseResourceName(argument, text.replace(/!$/, ''));
    const factor = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof factor !== 'number' || !(factor >= 1 && factor <= MOST_TIMES) || factors.has(name))
      throw new InvalidArgumentError(`${argument}.${name}`, value, 'a number from 1 to 100, once for each resource');
    if ((isInBytes(name) || isDevice(name)) && !text.endsWith('!'))
      throw new InvalidArgumentError(
        `${argument}.${name}`,
        text,
        `'${name}!' if you mean it: tasks that use what was promised twice are killed`,
      );
    factors.set(name, factor);
  }
  return Object.freeze(Object.fromEntries([...factors].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function entriesOf(argument: string, given: unknown): [string, unknown][] {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return Object.entries(given);
  throw new InvalidArgumentError(argument, given, EXPECTED);
}

function entriesOfText(argument: string, given: string): [string, string][] {
  return given.split(',').map((part) => {
    const at = part.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(argument, given, EXPECTED);
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
}

/** As `parseOvercommit` reads it: with a mark at what is promised more than once only where it is said so. */
export const shownOvercommit = (overcommit: Overcommit): Overcommit =>
  Object.fromEntries(
    Object.entries(overcommit).map(([name, factor]) => [isInBytes(name) || isDevice(name) ? `${name}!` : name, factor]),
  );

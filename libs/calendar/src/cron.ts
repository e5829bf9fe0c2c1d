import { InvalidArgumentError } from '@drover/core';
import { daysOf, followingOf } from './cron-tables.js';
import { expandHash, hasHash, type Field } from './hash-field.js';
import { Pattern } from './pattern.js';
import { Shared } from './shared.js';

const FORMS = '*, lists (1,2), ranges (1-5), steps (*/2) or H';

/** Each checks its text by itself, so that a message can name the field. */
const FIELDS: readonly (Field & { check: (text: string) => unknown })[] = [
  number('second', 0, 59, (text) => followingOf('second', text)),
  number('minute', 0, 59, (text) => followingOf('minute', text)),
  number('hour', 0, 23, (text) => followingOf('hour', text)),
  // Every month has 28 days: `H` chooses from these.
  { ...number('day of the month', 1, 28, (text) => daysOf(`${text} * *`)), expected: `1-31, L, LW, 15W, ${FORMS}` },
  { ...number('month', 1, 12, (text) => daysOf(`* ${text} *`)), expected: `1-12, JAN-DEC, ${FORMS}` },
  {
    ...number('day of the week', 0, 6, (text) => daysOf(`* * ${text}`)),
    expected: `0-7 or SUN-SAT, with #1 to #5 or L behind it (FRI#2, FRIL), + before the field, ${FORMS}`,
  },
];

function number(name: string, min: number, max: number, check: (text: string) => unknown) {
  return { name, min, max, check, expected: `${min}-${max}, ${FORMS}` };
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * SUN',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const PATTERN = `a cron pattern of 5 fields (30 2 * * MON-FRI), of 6 with seconds first, or one of ${Object.keys(NICKNAMES).join(', ')}`;
const LONGEST_TEXT = 512;
/** For a pattern that is only checked: whatever `H` becomes, it is a number of its field. */
const ANY_NAME = 'any';

const patterns = new Shared<Pattern>(2_048);
const expandedPatterns = new Shared<Pattern>(2_048);

/** Whether text looks like a pattern: what is wrong with it is worth saying. */
export function isLikeCron(text: string): boolean {
  return text.startsWith('@') || /^\S+(\s+\S+){4,5}$/.test(text);
}

/** `given` with single spaces. Throws `InvalidArgumentError`, which names the field that is wrong. */
export function parseCron(argument: string, given: unknown): string {
  if (typeof given !== 'string' || given.length > LONGEST_TEXT)
    throw new InvalidArgumentError(argument, given, PATTERN);
  const text = given.trim().split(/\s+/).join(' ');
  patternOf(argument, text, ANY_NAME);
  return text;
}

/** The pattern of `text` in the schedule `name`. Throws `InvalidArgumentError`; also for `H` where there is no name. */
export function patternOf(argument: string, text: string, name: string | undefined): Pattern {
  const read = (): Pattern => readPattern(argument, text, name);
  // Without an `H`, of `THU` or of a hash, a look-up by the whole text is enough.
  return text.includes('H') ? read() : patterns.get(text, read);
}

function readPattern(argument: string, text: string, name: string | undefined): Pattern {
  const given = (NICKNAMES[text.toLowerCase()] ?? text).split(' ');
  if (given.length < 5 || given.length > 6) throw new InvalidArgumentError(argument, text, PATTERN);
  const fields = given.length === 6 ? given : ['0', ...given];
  const expanded = fields.some(hasHash) ? replaceHashes(argument, fields, name) : fields;
  return expandedPatterns.get(`${given.length} ${expanded.join(' ')}`, () => {
    for (const [index, field] of FIELDS.entries()) check(argument, field, expanded[index] ?? '');
    return new Pattern(expanded, given.length === 6);
  });
}

function replaceHashes(argument: string, fields: readonly string[], name: string | undefined): string[] {
  if (name === undefined)
    throw new InvalidArgumentError(
      'name',
      `${argument}: H is a number that follows from the schedule's name; give a name`,
    );
  return FIELDS.map((field, index) => {
    const text = fields[index] ?? '';
    const expanded = expandHash(field, text, name);
    if (expanded !== null) return expanded;
    throw wrong(argument, field, text, `H, H(from-to) or H/step of ${field.min}-${field.max}`);
  });
}

function check(argument: string, field: (typeof FIELDS)[number], text: string): void {
  try {
    field.check(text);
  } catch {
    throw wrong(argument, field, text, field.expected);
  }
}

function wrong(argument: string, { name }: Field, text: string, expected: string): InvalidArgumentError {
  return new InvalidArgumentError(argument, `${argument}: ${name}: expected ${expected}, got ${JSON.stringify(text)}`);
}

import { hash } from '@drover/core';

/** A field of a cron pattern, and the numbers that `H` chooses from. */
export interface Field {
  /** In messages, and in the hash: another word would move every `H` of that field. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly expected: string;
}

const H = /^H(?:\((\d{1,2})-(\d{1,2})\))?(?:\/(\d{1,2}))?$/;

/**
 * `text` of a field with each `H` of its list replaced: `H` by a number of the field, `H(0-29)` by one of that range, `H/15`
 * by every 15th from one of the first 15 on. The number is a hash of the schedule's name and the field, the same for life.
 * `null`: a range or step that the field does not have.
 */
export function expandHash(field: Field, text: string, name: string): string | null {
  const parts = text.split(',').map((part) => expandPart(field, part, name));
  return parts.includes(null) ? null : parts.join(',');
}

function expandPart(field: Field, part: string, name: string): string | null {
  const match = H.exec(part);
  if (match === null) return part;
  const [from, to] = [Number(match[1] ?? field.min), Number(match[2] ?? field.max)];
  const step = match[3] === undefined ? null : Number(match[3]);
  const numbers = to - from + 1;
  if (from < field.min || to > field.max || numbers < 1 || (step !== null && (step < 1 || step > numbers))) return null;
  const chosen = from + (hash(`${field.name} ${name}`) % (step ?? numbers));
  return step === null ? String(chosen) : `${chosen}-${to}/${step}`;
}

export function hasHash(text: string): boolean {
  return text.split(',').some((part) => H.test(part));
}

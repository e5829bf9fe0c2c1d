import { checkOptions } from './check-options.js';
import { InvalidArgumentError } from './errors.js';

/** The requester of a change and the reason, in their own words. */
export interface Asked {
  /** At most 128 characters. */
  by?: string | undefined;
  /** At most 1,024 characters. */
  reason?: string | undefined;
}

/** Characters. */
const LONGEST = { by: 128, reason: 1_024 } as const;

/** Throws `InvalidArgumentError`. */
export function checkAsked(asked: Asked): Asked {
  checkOptions(asked, ['by', 'reason']);
  const { by, reason } = asked;
  return { by: checkText('by', by), reason: checkText('reason', reason) };
}

function checkText(name: keyof typeof LONGEST, text: unknown): string | undefined {
  if (text === undefined || (typeof text === 'string' && text.length <= LONGEST[name])) return text;
  const given = typeof text === 'string' ? `a text of ${text.length} characters` : text;
  throw new InvalidArgumentError(name, given, `a text of at most ${LONGEST[name]} characters`);
}

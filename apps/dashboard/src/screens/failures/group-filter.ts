import type { FailureGroup } from '../../data/types.js';

/**
 * The filter of the tasks of a group that have failed and can be retried. The message of a group has its numbers and ids
 * replaced, so the longest part of it without a replacement is what the filter looks for.
 */
export function filterOfGroup(group: Pick<FailureGroup, 'type' | 'error' | 'message'>): string {
  const fixed = longestFixedPart(group.message);
  return ['state:failed', `type:${quoted(group.type)}`, `error:${quoted(fixed === '' ? group.error : fixed)}`].join(
    ' ',
  );
}

/** The same for whoever reads entries: failures of attempts that are tried again count, too. */
export function entriesOfGroup(group: Pick<FailureGroup, 'type' | 'error' | 'message'>): string {
  return filterOfGroup(group).replace('state:failed ', '');
}

/** A placeholder stands for a number or an id (`<n>`, `<id>`); dots at the end, for the rest of a long message. */
const PLACEHOLDER = /<[a-z]+>|[…#*]|\.{3}$|\?{2,}/;

export function longestFixedPart(message: string): string {
  return message
    .split(PLACEHOLDER)
    .map((part) => part.trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

function quoted(text: string): string {
  return /[\s,*"]/.test(text) || text === '' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

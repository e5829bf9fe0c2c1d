import { nearest } from '@drover/core';

/** `; did you mean 'mail'?`, or nothing. */
export function nearestOf(given: string, names: readonly string[]): string {
  const near = nearest(given, names);
  return near === null ? '' : `; did you mean ${JSON.stringify(near)}?`;
}

import type { RetryPolicy } from '@drover/client';
import { parseDuration } from '@drover/core';
import { numberOrText } from '../command.js';
import { UsageError } from '../failure.js';

const KINDS = ['constant', 'linear', 'exponential'] as const;
const EXPECTED = `expected KIND[,delay=1s][,max=5m][,jitter=0.2], where KIND is one of ${KINDS.join(', ')}`;

/** `constant,delay=30s` of a command line as a policy, without what was left out. Throws `UsageError`. Pure. */
export function parseRetryFlag(given: string): Partial<RetryPolicy> {
  const [first = '', ...rest] = given.split(',').map((part) => part.trim());
  const kind = KINDS.find((known) => known === first);
  if (kind === undefined) throw new UsageError(`--retry: ${EXPECTED}, got "${given}"`);
  return Object.assign({ kind }, ...rest.map((part) => parsePart(part, given))) as Partial<RetryPolicy>;
}

function parsePart(part: string, given: string): Partial<RetryPolicy> {
  const [name, value = ''] = part.split('=', 2);
  switch (name) {
    case 'delay':
      return { delayMs: parseDuration('--retry: delay', value) };
    case 'max':
      return { maxDelayMs: parseDuration('--retry: max', value) };
    case 'jitter':
      return { jitter: numberOrText(value) };
    default:
      throw new UsageError(`--retry: ${EXPECTED}, got "${given}"`);
  }
}

import { parseRevision, compareRevisions } from '@drover/api';
import { InvalidArgumentError, parseDuration } from '@drover/core';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import type { Answer, Asked } from '../handlers/handler.js';
import { untilChanged } from './waits.js';

const LONGEST_MS = 60_000;
const DEFAULT_MS = 30_000;

/** Of `wait`: `30s`, or a number of seconds; at most a minute. Throws `ApiError` `invalid-argument`. */
export function waitMsOf(wait: string | undefined, otherwise = DEFAULT_MS): number {
  if (wait === undefined) return otherwise;
  try {
    const ms = /^\d+(\.\d+)?$/.test(wait) ? Number(wait) * 1_000 : parseDuration('wait', wait);
    return Math.min(ms, LONGEST_MS);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const expected = 'a duration such as 30s, or a number of seconds';
    throw new ApiError('invalid-argument', `wait: expected ${expected}, got ${JSON.stringify(wait)}`, {
      field: 'wait',
      expected,
    });
  }
}

/**
 * A long poll: with `after=<revision>` answers when the leader has told of something newer, or with 304 after `wait`. Waits get
 * up to a sixteenth more, by chance, so that clients do not wake together. Without `after` answers at once.
 */
export async function polled(asked: Asked, context: ApiContext, answer: () => Promise<Answer>): Promise<Answer> {
  const { after, wait } = asked.query as { after?: string; wait?: string };
  const waitMs = waitMsOf(wait);
  if (after === undefined) return answer();
  const known = parseRevision(after);
  if (known === null)
    throw new ApiError('invalid-argument', `after: expected a revision such as 7.1834, got ${JSON.stringify(after)}`, {
      field: 'after',
      expected: 'a revision such as 7.1834, as the header Drover-Revision has it',
    });
  const { runtime, live, waits } = context;
  const isNews = (): boolean => {
    const position = live.positionFor(asked.caller);
    // One of another epoch says nothing of this one: everything is told again.
    return position !== null && (position.epoch !== known.epoch || compareRevisions(position, known) > 0);
  };
  const more = 1 + runtime.random() / 16;
  const isNew = await waits.waiting(() =>
    untilChanged(runtime, {
      waitMs: waitMs * more,
      signal: asked.signal,
      happened: isNews,
      listen: (callback) => live.onChange(callback),
    }),
  );
  return isNew ? answer() : { status: 304 };
}

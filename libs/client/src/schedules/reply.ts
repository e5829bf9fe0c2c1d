import { InvalidArgumentError } from '@drover/core';
import type { CommandAnswer, ScheduleReplyRecord } from '@drover/protocol';
import { CommandRefusedError, RevisionConflictError, ScheduleNotFoundError } from '../errors.js';

/** The reply about the one schedule of a command. Throws where it was refused. */
export const firstReply = ({ schedules }: CommandAnswer, name: string): ScheduleReplyRecord =>
  checkReply(schedules?.[0] ?? { name, ok: false, message: 'the leader did not say what became of it' });

/** Throws where it was refused. */
export function checkReply(reply: ScheduleReplyRecord): ScheduleReplyRecord {
  if (reply.ok) return reply;
  const { name, code, message = 'refused' } = reply;
  switch (code) {
    case 'unknown':
      throw new ScheduleNotFoundError(name);
    case 'revision':
      throw new RevisionConflictError(name, reply.revision ?? 0);
    case 'invalid':
      throw new InvalidArgumentError('spec', `${name}: ${message}`);
    default:
      throw new CommandRefusedError(`${name}: ${message}`);
  }
}

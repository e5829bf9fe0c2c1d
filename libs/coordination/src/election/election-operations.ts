import { encodeRecord, ROOTS } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import type { ElectionStep } from './election.decide.js';

export interface Candidate {
  id: string;
  host: string;
  pid: number;
  /** URL at which it answers; absent: none. */
  api?: string;
}

type Winning = Extract<ElectionStep, { kind: 'campaign' | 'renew' }>;

const leaderRecord = (epoch: number, { id, host, pid, api }: Candidate): string =>
  encodeRecord('leader', { id, host, pid, epoch, ...(api === undefined ? {} : { api }) });

/** The leader of `epoch`, whose fence is `version`, says of itself what it is now. */
export function tellingOperations(epoch: number, version: number, candidate: Candidate): Operation[] {
  return [
    { op: 'check', path: ROOTS.epoch, version },
    { op: 'set', path: ROOTS.leader, data: leaderRecord(epoch, candidate) },
  ];
}

/** The multi of a step that wins an epoch: first `/leader`, then `/epoch`. */
export function winningOperations(step: Winning, candidate: Candidate, now: number): Operation[] {
  const { id } = candidate;
  const leader = leaderRecord(step.epoch, candidate);
  const epoch = encodeRecord('epoch', { epoch: step.epoch, leader: id, at: now });
  return [
    step.kind === 'campaign'
      ? { op: 'create', path: ROOTS.leader, data: leader, mode: 'ephemeral' }
      : { op: 'set', path: ROOTS.leader, data: leader, version: step.leaderVersion },
    step.version === null
      ? { op: 'create', path: ROOTS.epoch, data: epoch }
      : { op: 'set', path: ROOTS.epoch, data: epoch, version: step.version },
  ];
}

/** Takes `/leader` away, provided that the epoch of `version` is still the last one. */
export function leavingOperations(version: number): Operation[] {
  return [
    { op: 'check', path: ROOTS.epoch, version },
    { op: 'delete', path: ROOTS.leader },
  ];
}

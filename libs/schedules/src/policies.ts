/** The fate of a fire of a schedule while an earlier one has not ended. */
export const OVERLAPS = {
  skip: 'the new one does not run (default)',
  'buffer-one': 'the new one waits, if none waits yet',
  'buffer-latest': 'the new one waits, and replaces the one that waits',
  'buffer-all': 'the new one waits behind those that wait, 1,000 at most',
  'cancel-other': 'the running one is cancelled; the new one starts when it has ended',
  'terminate-other': 'the running one is revoked at once; the new one starts when that is done',
  allow: 'the new one runs beside the others',
} as const;
export type Overlap = keyof typeof OVERLAPS;
export const OVERLAP_NAMES = Object.keys(OVERLAPS) as readonly Overlap[];

/** Which of the times that passed while nobody could fire them run. */
export const CATCH_UPS = ['latest', 'all', 'none'] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

export const SCHEDULE_DEFAULTS = {
  overlap: 'skip',
  catchUp: 'latest',
  /** Older times are missed, whatever the policy. */
  catchUpWindowMs: 86_400_000,
} as const;

export const SCHEDULE_LIMITS = {
  payloadBytes: 16 * 1024,
  definitionBytes: 16 * 1024,
  /** Fires of one schedule that wait. */
  waiting: 1_000,
  labels: 20,
  labelChars: 128,
  noteChars: 1_024,
  leastWindowMs: 10_000,
  pauseAfterFailures: 1_000,
} as const;

/** Times of one schedule that one transaction decides. */
export const MAX_TIMES = 2_000;
/** Fires of one transaction. */
export const MAX_VOLLEY_FIRES = 2_000;
/** Bytes of one transaction: batches and states. */
export const MAX_VOLLEY_BYTES = 200 * 1024;
/** Tasks of back-fills in one transaction, and the time from one to the next. */
export const MAX_BACKFILL_FIRES = 100;
export const BACKFILL_GAP_MS = 100;
/** Back-fills of a schedule: open ones, and ended ones that are kept to be shown. */
export const OPEN_BACKFILLS = 10;
export const ENDED_BACKFILLS = 3;
/** Times in one answer to somebody who only tries a back-fill. */
export const DRY_RUN_TIMES = 1_000;
/** Of the states of a page, in bytes: more back-fills are refused. */
export const MAX_STATES_BYTES = 160 * 1024;
/** Times of a back-fill that are looked at in one go, with those that are left out. */
export const MAX_BACKFILL_WALK = 1_000;
/** Operations of one transaction. */
export const MAX_VOLLEY_OPERATIONS = 400;

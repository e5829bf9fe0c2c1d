/** Times of one schedule that one transaction decides. */
export const MAX_TIMES = 2_000;
/** Fires of one transaction. */
export const MAX_VOLLEY_FIRES = 2_000;
/** Bytes of one transaction: batches and states. */
export const MAX_VOLLEY_BYTES = 200 * 1024;
/** Operations of one transaction. */
export const MAX_VOLLEY_OPERATIONS = 400;

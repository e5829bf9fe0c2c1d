/** Names of the variables that tell handlers where to write. */
export const EFFECTS = 'DROVER_CHAOS_EFFECTS';
export const RESOURCE = 'DROVER_CHAOS_RESOURCE';

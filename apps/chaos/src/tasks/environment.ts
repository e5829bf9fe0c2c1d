/** Names of the variables that tell handlers, and a process that tells its heap, where to write. */
export const EFFECTS = 'DROVER_CHAOS_EFFECTS';
export const RESOURCE = 'DROVER_CHAOS_RESOURCE';
export const HEAP = 'DROVER_CHAOS_HEAP';
export const NAME = 'DROVER_CHAOS_NAME';

import type fc from 'fast-check';

/**
 * Something that reads what others wrote. `check` throws when it did not behave: it may give a value or throw its own
 * error for what it was given, and nothing else.
 */
export interface Target {
  name: string;
  /** The target's part of a long run, compared with other targets. A slow target has less than 1. */
  share: number;
  property: fc.IRawProperty<unknown>;
}

import type fc from 'fast-check';

/**
 * Something that reads what others wrote. `check` throws when it did not behave: it may give a value or throw its own
 * error for what it was given, and nothing else.
 */
export interface Target {
  name: string;
  /** Of a long run, as many parts as this. A slow target has less than 1. */
  share: number;
  property: fc.IRawProperty<unknown>;
}

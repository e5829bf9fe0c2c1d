import { chooseWork, type Work } from '../../tasks/choose.js';

/**
 * Work without the options whose rules need more than the API tells: in which order ZooKeeper accepted submits, and which task
 * ran in the place of one that was superseded.
 */
export function plainWork(task: string, random: () => number): Work {
  const { input, ...rest } = chooseWork(task, random);
  const { unique: _unique, sequence: _sequence, ...plain } = input;
  return { ...rest, input: plain };
}

import { resultTooLarge } from '../execution/result-text.js';
import { toEnded, type Ended } from '../run/ended.js';

/** How a task ends whose result of `bytes` the servers do not take: they are set to less than Drover's own limit. */
export function tooLargeFor(bytes: number): Ended {
  const what = `the ZooKeeper servers accept no request with this result of ${bytes} bytes (jute.maxbuffer)`;
  return toEnded(resultTooLarge(what), 0);
}

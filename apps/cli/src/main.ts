import { run } from './run.js';

/**
 * The program itself: everything below takes what it needs as arguments. Ended by force, for a try to connect that nobody
 * waits for any longer, or a stdin that stays open, would hold it.
 */
export async function main(): Promise<never> {
  return process.exit(await run(process.argv.slice(2), process));
}

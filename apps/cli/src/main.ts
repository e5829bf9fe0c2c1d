import { run } from './run.js';

/**
 * The program itself: everything below takes what it needs as arguments. `exit` ends the process, since a connection
 * that is still being tried, or an open stdin, would keep it alive.
 */
export async function main(): Promise<never> {
  return process.exit(await run(process.argv.slice(2), process));
}

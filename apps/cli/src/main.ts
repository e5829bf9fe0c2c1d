import { runQuick } from './quick/quick.js';

/**
 * The program itself: everything below takes what it needs as arguments. `exit` ends the process, since a connection
 * that is still being tried, or an open stdin, would keep it alive.
 */
export async function main(): Promise<never> {
  const argv = process.argv.slice(2);
  const quick = await runQuick(argv, process.env);
  if (quick !== null) return process.exit(quick);
  const { run } = await import('./run.js');
  return process.exit(await run(argv, process));
}

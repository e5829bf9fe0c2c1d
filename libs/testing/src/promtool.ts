import { spawn } from 'node:child_process';
import { installPackage } from '@drover/embedded';

/**
 * Resolves with the output of `promtool check metrics` (of Debian's package `prometheus`) for a scrape; empty: no
 * fault. Installs promtool if it is missing and this process may install packages; otherwise rejects.
 */
export async function checkMetrics(scrape: string): Promise<string> {
  const said = await promtool(scrape);
  if (said !== null) return said;
  await installPackage('prometheus');
  return (await promtool(scrape)) ?? Promise.reject(new Error('promtool is not here after its package was installed'));
}

/** `null`: there is no such program. */
function promtool(input: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)));
    child.once('close', () => resolve(said));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

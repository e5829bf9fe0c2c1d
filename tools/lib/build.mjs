import { runQuietly } from './run.mjs';

/**
 * Compiles everything, and makes the bundles that are not current: the dashboard's pages and the command. Resolves with
 * whether that worked. `runner`: `run` shows what the compiler says, `runQuietly` only its failures.
 */
export async function buildAll(runner = runQuietly) {
  if ((await runner('nx', ['run-many', '-t', 'build', '--outputStyle=static'])) !== 0) return false;
  // No steps of Nx: compiling one project touches files of others, which are newer than the bundles then.
  const { bundleCommand, isBundleCurrent } = await import('./bundle-command.mjs');
  if (!isBundleCurrent()) await bundleCommand();
  const { bundleDashboard, isDashboardCurrent } = await import('./bundle-dashboard.mjs');
  if (!isDashboardCurrent()) await bundleDashboard();
  return true;
}

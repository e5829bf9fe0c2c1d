/** Makes the pages of the dashboard, as a step of `npm run build`; with `--watch` (`npm run ui`) at each change of a file. */
import { bundleDashboard, watchDashboard } from './lib/bundle-dashboard.mjs';

if (process.argv.includes('--watch')) {
  await watchDashboard(() =>
    console.log(
      'The pages are made; those that are open load themselves again. A scheduler of this repository serves them at /ui/',
    ),
  );
} else {
  await bundleDashboard();
}

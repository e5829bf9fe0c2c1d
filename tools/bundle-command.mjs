/** Makes the bundle of the command `drover`, as the last step of its build. */
import { bundleCommand } from './lib/bundle-command.mjs';

await bundleCommand();

/** Makes the bundle of the command `drover`, as the last step of `npm run build`. */
import { bundleCommand } from './lib/bundle-command.mjs';

await bundleCommand();

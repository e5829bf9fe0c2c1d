import { resolveWorkerConfig } from '@drover/config';
import { messageOf } from '@drover/runtime';
import { checkHandlers } from '@drover/worker-app';

/** A process of its own: `node check-handlers.entry.js MODULE` ends with 0, or with 2 and the reason on stderr. */
const [, , handlers] = process.argv;
try {
  await checkHandlers(resolveWorkerConfig({ flags: { handlers } }));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(2);
}

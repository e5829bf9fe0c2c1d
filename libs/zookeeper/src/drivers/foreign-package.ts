import { createRequire } from 'node:module';
import { ZooKeeperError } from '../errors.js';

const require = createRequire(import.meta.url);

/**
 * Loads the package of a foreign driver. Both are optional peers of this one: npm installs neither by itself.
 * Throws `ZooKeeperError` (`UNSUPPORTED`), saying how to install it, where it cannot be loaded.
 */
export function loadForeignPackage(driver: string, install: string): unknown {
  try {
    return require(driver);
  } catch (cause) {
    const message = `driver '${driver}' needs the package of that name, which is not installed: ${install}, or use driver 'drover'`;
    throw new ZooKeeperError({ code: 'UNSUPPORTED', op: 'connect', outcome: 'not-applied', message, cause });
  }
}

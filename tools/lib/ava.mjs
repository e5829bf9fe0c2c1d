/**
 * ava's command line. The TAP reporter of ava 7.0.0 throws at a test that is still running when the time for it is over,
 * and so does not say which one: it looks for the `originalError` of an error that is itself the original.
 */
import ava from '../../node_modules/ava/lib/cli.js';

Object.defineProperty(Error.prototype, 'originalError', {
  configurable: true,
  get() {
    return this;
  },
});

await ava();

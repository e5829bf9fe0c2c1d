import test from 'ava';
import { faultOfOption } from './option-fault.js';

test('texts of options are checked as the command line checks them', (t) => {
  t.is(faultOfOption('delay', '5s'), null);
  t.is(faultOfOption('delay', ''), null);
  t.is(faultOfOption('limits', 'gpu,stripe/acme'), null);
  t.is(faultOfOption('retry', 'constant,delay=5s'), null);
  t.regex(faultOfOption('delay', 'soon') ?? '', /delay.*such as 250ms/);
  t.regex(faultOfOption('maxAttempts', 'many') ?? '', /maxAttempts/);
});

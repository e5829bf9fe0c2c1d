import test from 'ava';
import { checkOptions } from './check-options.js';
import { InvalidArgumentError } from './errors.js';

const KNOWN = ['queue', 'maxAttempts', 'timeout'];

function refusalOf(given: unknown, argument?: string): InvalidArgumentError {
  try {
    checkOptions(given, KNOWN, argument);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('known names pass, whatever their values', (t) => {
  t.notThrows(() => checkOptions({}, KNOWN));
  t.notThrows(() => checkOptions({ queue: 1, maxAttempts: undefined }, KNOWN));
});

test('an unknown name is refused with the name that was meant, or with all that there are', (t) => {
  t.is(refusalOf({ maxAttempt: 1 }).message, 'unknown option "maxAttempt"; did you mean "maxAttempts"?');
  t.is(refusalOf({ timout: undefined }).message, 'unknown option "timout"; did you mean "timeout"?');
  t.is(refusalOf({ colour: 1 }).message, 'unknown option "colour"; expected one of queue, maxAttempts, timeout');
  t.is(refusalOf({ constructor: 1 }).argument, 'constructor');
});

test('the object that holds the name is named', (t) => {
  const error = refusalOf({ queu: 1 }, 'retry');
  t.is(error.argument, 'retry.queu');
  t.is(error.message, 'retry: unknown option "queu"; did you mean "queue"?');
});

test('what is no object is no options', (t) => {
  for (const given of [null, 'high', 3, [], true]) {
    t.regex(refusalOf(given).message, /^options: expected an object, got /);
    t.regex(refusalOf(given, 'retry').message, /^retry: expected an object, got /);
  }
});

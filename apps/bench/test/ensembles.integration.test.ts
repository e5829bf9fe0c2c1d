import test from 'ava';
import { ENSEMBLE_PARTS } from '../src/benchmark.js';
import { checkParts } from './check-form.js';

// Parts mostly wait for what they have started: the files of this folder run beside each other.
test('check form of what is measured on ensembles: every task has exactly one result', (t) =>
  checkParts(t, ENSEMBLE_PARTS));

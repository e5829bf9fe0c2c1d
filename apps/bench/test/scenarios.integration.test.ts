import test from 'ava';
import { SCENARIO_PARTS } from '../src/benchmark.js';
import { checkParts } from './check-form.js';

test('check form of the scenarios: every task has exactly one result', (t) => checkParts(t, SCENARIO_PARTS));

import test from 'ava';
import { checkParts } from './check-form.js';

test('check form of the curves: each point, and every task has exactly one result', (t) => checkParts(t, ['growth']));

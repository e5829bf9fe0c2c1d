import { fc, testProp } from '@fast-check/ava';
import { formatDuration, parseDuration } from './index.js';

testProp('a duration that was formatted reads back as itself', [fc.nat()], (t, durationMs) => {
  t.is(parseDuration(formatDuration(durationMs)), durationMs);
});

testProp('any text is a duration or null, never something else', [fc.string()], (t, text) => {
  const value = parseDuration(text);
  t.true(value === null || (Number.isFinite(value) && value >= 0));
});

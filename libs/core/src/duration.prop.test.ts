import { fc, testProp } from '@fast-check/ava';
import { formatDuration, parseDuration } from './duration.js';

testProp('a duration that was formatted reads back as itself', [fc.nat()], (t, durationMs) => {
  t.is(parseDuration('timeout', formatDuration(durationMs)), durationMs);
});

import { HEALTHY, RECORDS, withStatus } from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import { RECORD_CHECKS } from './records.js';

testProvoked(RECORD_CHECKS, {
  'unreadable-batches': [[withStatus({ unreadableBatches: 3 }), 'fail', /3 batches cannot be read/]],
  'invalid-records': [
    [
      { ...HEALTHY, records: { ...RECORDS, invalid: [{ path: '/queues/a', why: 'not JSON' }] } },
      'fail',
      /\/queues\/a: not JSON/,
    ],
  ],
  'orphaned-assignments': [[{ ...HEALTHY, records: { ...RECORDS, orphans: ['/assignments/w9'] } }, 'warn', /w9/]],
  'full-directories': [
    [
      { ...HEALTHY, records: { ...RECORDS, fullDirectories: [{ path: '/tasks/00', children: 30_000 }] } },
      'warn',
      /30,000 children/,
    ],
  ],
});

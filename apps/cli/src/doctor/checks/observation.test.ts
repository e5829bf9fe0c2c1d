import { API, HEALTHY, withApi } from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import { OBSERVATION_CHECKS } from './observation.js';

testProvoked(OBSERVATION_CHECKS, {
  api: [
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 0, why: 'ECONNREFUSED' }] }), 'warn', /s1 at .*: ECONNREFUSED/],
  ],
  probes: [
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 503 }] }), 'fail', /s1 is not alive/],
    [withApi({ replicas: [{ ...API.replicas[0]!, readyz: 503 }] }), 'warn', /s1 is not ready/],
  ],
  metrics: [[withApi({ metrics: new Map() }), 'warn', /none/]],
  otlp: [
    [
      { ...HEALTHY, otlp: { endpoint: 'http://otel:4318', fault: 'connect ECONNREFUSED' } },
      'warn',
      /^http:\/\/otel:4318: connect ECONNREFUSED$/,
    ],
  ],
});

import {
  API,
  DAY,
  HEALTHY,
  NOW,
  SESSION,
  TOKENS,
  withApi,
  withConnection,
  withStatus,
  worker,
} from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import { SECURITY_CHECKS } from './security.js';

testProvoked(SECURITY_CHECKS, {
  'open-root': [
    [
      { ...HEALTHY, session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      'warn',
      /open to everybody/,
    ],
    [
      withConnection(
        { auth: ['digest'], tls: true },
        { session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      ),
      'fail',
      /although credentials are given/,
    ],
    [
      withConnection(
        { loopback: true },
        { session: { ...SESSION, rootAcl: [{ permissions: 31, scheme: 'world', id: 'anyone' }] } },
      ),
      'note',
      /open/,
    ],
  ],
  'digest-without-tls': [[withConnection({ auth: ['digest'] }), 'fail', /without TLS/]],
  'exposed-secrets': [
    [
      { ...HEALTHY, exposedFiles: [{ path: '/etc/auth', setting: '--zk-auth-file', others: 'read' }] },
      'fail',
      /others may read \/etc\/auth/,
    ],
  ],
  'open-api': [[withApi({ auth: ['none'] }), 'fail', /without authentication: s1 at https:\/\/node-1:7373/]],
  'plain-api': [
    [withApi({ replicas: [{ ...API.replicas[0]!, url: 'http://node-1:7373' }] }), 'warn', /s1 answers at http:/],
  ],
  tokens: [
    [{ ...HEALTHY, tokens: [{ ...TOKENS[0]!, expiresAt: null }] }, 'warn', /ci \(a\) never expires/],
    [{ ...HEALTHY, tokens: [{ ...TOKENS[0]!, expiresAt: NOW + DAY }] }, 'warn', /expires in/],
  ],
  certificates: [
    [{ ...HEALTHY, certificates: [{ what: 'API', validTo: NOW + DAY }] }, 'warn', /API: ends in/],
    [{ ...HEALTHY, certificates: [{ what: 'API', validTo: NOW - DAY }] }, 'fail', /has ended/],
  ],
  'shell-for-submitters': [
    [
      {
        ...withStatus({ workers: [{ ...worker('w1'), types: ['shell'] }] }),
        tokens: [{ ...TOKENS[0]!, roles: ['submitter'] }],
      },
      'warn',
      /ci \(a\) may submit to every queue, and w1 offers shell/,
    ],
  ],
});

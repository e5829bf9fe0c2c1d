import test from 'ava';
import { HEALTHY, queue, withStatus } from '../../test/doctor/healthy.js';
import { NO_COLORS } from '../terminal/colors.js';
import { examine } from './check.js';
import { CHECKS } from './checks.js';
import type { Facts } from './facts.js';
import { showReport } from './view.js';

test('a healthy cluster has no problems, and every check is made', (t) => {
  t.deepEqual(
    examine(CHECKS, HEALTHY).filter(({ result }) => result !== 'ok'),
    [],
  );
});

test('a check that could not be made is skipped, with the reason, and never well', (t) => {
  const none = { missing: 'not asked' };
  const facts: Facts = {
    ...HEALTHY,
    session: none,
    servers: none,
    cluster: none,
    api: none,
    tokens: none,
    records: none,
    otlp: none,
    certificates: [],
  };
  const findings = examine(CHECKS, facts);
  t.deepEqual(
    findings.filter(({ result }) => result === 'ok').map(({ code }) => code),
    // These look at the settings of this machine only.
    ['plain-port', 'digest-without-tls', 'exposed-secrets'],
  );
  t.true(findings.filter(({ result }) => result === 'skipped').every(({ text }) => text !== ''));
});

test('the report names what is wrong and the cure, counts the rest, and lists it if asked', (t) => {
  const facts = withStatus({ unservedTypes: ['resize'], queues: [queue('mail', { paused: true, pending: 90 })] });
  const findings = examine(CHECKS, facts);
  const text = showReport(facts, findings, NO_COLORS, { verbose: false });
  t.regex(text, /^cluster {2}zk1:2181.* leader s1, epoch 7, for 60m 0s|1h 0m/m);
  t.regex(text, /^ {2}FAIL {2}unserved-types +'resize': /m);
  t.regex(text, /fix: .*drover cancel --filter 'type:resize state:pending'/);
  t.regex(text, /^ {2}WARN {2}paused-queues +mail: 90 tasks wait/m);
  t.regex(text, /^1 problem, 1 warning$/m);
  t.false(text.includes('zookeeper-load'));
  t.true(showReport(facts, findings, NO_COLORS, { verbose: true }).includes('zookeeper-load'));
});

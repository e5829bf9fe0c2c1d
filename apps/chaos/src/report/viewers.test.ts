import type { FaultLine, Sample } from '@drover/verify';
import test from 'ava';
import { everyApiAnswers, sessionsHold, threadsComeBack } from './viewers.js';

const fault = (n: number, name: string, target: string, from: number, to?: number): FaultLine[] => [
  { at: from, type: 'begin', n, fault: name, target },
  ...(to === undefined ? [] : [{ at: to, type: 'end' as const, n, fault: name, target }]),
];
const leads = (at: number, leader: string | null, epoch: number): Sample => ({ at, leader, epoch });

test('a change of leader is explained by a fault of that leader or of ZooKeeper, and by nothing else', (t) => {
  const samples = [leads(0, 's1', 1), leads(1_000, null, 1), leads(2_000, 's2', 2), leads(3_000, 's2', 2)];
  const broken = (faults: FaultLine[]): number => sessionsHold(samples, faults, 500).violations;
  t.is(sessionsHold(samples, [], 500).checked, 1);
  t.is(broken([]), 1);
  t.is(broken(fault(0, 'kill-leader', 's1', 500, 800)), 0);
  t.is(broken(fault(0, 'kill-leader', 's1', 500)), 0, 'it is not over yet');
  t.is(broken(fault(0, 'slow-disk', 'zookeeper-2', 500, 800)), 0);
  t.is(broken(fault(0, 'deploy-schedulers', 's2, s1', 500, 800)), 0);
  t.is(broken(fault(0, 'cut-worker', 'w1', 500, 800)), 1);
  t.is(broken(fault(0, 'kill-api-leader', 's1', 500, 800)), 1, 'the API must not cost it the session');
  t.is(broken(fault(0, 'pause-leader', 's1', 2_500, 2_800)), 1, 'it came later');
  t.is(
    sessionsHold([leads(9_000, 's1', 1), leads(9_500, 's2', 2)], fault(0, 'cut-leader', 's1', 0, 8_000), 500)
      .violations,
    1,
  );
});

test('a thread that was killed is back when its fault is over, in time', (t) => {
  t.like(threadsComeBack([]), { verdict: 'not checked' });
  const back = fault(0, 'kill-api-leader', 's1', 0, 2_000);
  t.like(threadsComeBack([...back, ...fault(1, 'kill-leader', 's1', 0, 90_000)]), { verdict: 'held', checked: 1 });
  t.like(threadsComeBack([...back, ...fault(1, 'kill-api-follower', 's2', 0, 120_000)]), {
    verdict: 'broken',
    violations: 1,
  });
  t.like(threadsComeBack(fault(0, 'kill-api-leader', 's1', 0)), { verdict: 'broken' });
});

test('every API must have been looked at in the end', (t) => {
  const did = { answers: {}, streams: 0, garbage: 0, sockets: 0 };
  const line = (faults: (string | null)[]) => ({
    at: 1,
    name: 'v1',
    did,
    answering: faults.map((fault) => ({ api: 'a', fault })),
  });
  t.like(everyApiAnswers([line([null, null])]), { verdict: 'held', checked: 2 });
  t.like(everyApiAnswers([line([null, '/livez answers 503'])]), { verdict: 'broken', violations: 1 });
  t.like(everyApiAnswers([]), { verdict: 'broken', violations: 1 }, 'the viewers were killed before they looked');
});

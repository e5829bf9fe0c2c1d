import { systemRuntime } from '@drover/runtime';
import { ZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import { Told } from '@drover/testing';
import test from 'ava';
import { StepLoop, type StepLoopOptions } from './step-loop.js';

/** A loop over a session that is connected and never anything else. */
function loop(step: () => Promise<void>): { steps: StepLoop; broken: Told<unknown> } {
  const zk: Partial<ZooKeeper> = { watch: async () => ({ close: async () => {} }) };
  const session: StepLoopOptions['session'] = {
    zk: zk as ZooKeeper,
    incarnation: 1,
    state: 'connected',
    holds: () => true,
    onState: () => () => undefined,
    makeLayout: async () => {},
  };
  const broken = new Told<unknown>();
  const steps = new StepLoop({
    session,
    runtime: systemRuntime,
    path: '/a',
    step,
    broken: (error) => broken.tell(error),
  });
  return { steps, broken };
}

test('a fault in a step is told once with its reason, and no step follows', async (t) => {
  let count = 0;
  const fault = new TypeError('a fault');
  const { steps, broken } = loop(async () => {
    count++;
    steps.wake();
    throw fault;
  });
  steps.start();
  t.is(await broken.first(), fault);
  steps.wake();
  await steps.stop();
  t.true(steps.stopped);
  t.is(count, 1);
  t.deepEqual(broken.all, [fault]);
});

test('a step that ZooKeeper refuses is tried again', async (t) => {
  let count = 0;
  const done = new Told<number>();
  const { steps, broken } = loop(async () => {
    if (++count === 1) throw new ZooKeeperError({ code: 'NO_AUTH', op: 'get', outcome: 'not-applied' });
    done.tell(count);
  });
  steps.start();
  t.is(await done.first(), 2);
  await steps.stop();
  t.deepEqual(broken.all, []);
});

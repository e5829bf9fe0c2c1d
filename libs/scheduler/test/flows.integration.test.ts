import { batchIds } from '@drover/core';
import { assignmentPath, batchPath, decodeNotes, flowKeyQueue, flowPath, keyPath, notePath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import type { FakeWorker, Held } from './support/fake-worker.js';
import { after, FlowStarter, step, STEP_WORKER } from './support/flow-starter.js';
import { logged, World } from './support/world.js';

const starter = (world: World): FlowStarter =>
  new FlowStarter(world, batchIds(systemRuntime.now, systemRuntime.random));

/** The assignment that has tasks of this step of the flow. */
async function heldOf(world: World, worker: FakeWorker, flow: string, name: string): Promise<Held> {
  const flows = starter(world);
  const { id } = await world.until(async () => {
    const batches = await flows.batches(flow);
    return batches.findLast(({ header }) => header.of?.some((entry) => entry.step === name)) ?? null;
  });
  return worker.next(({ record }) => record.batch === id);
}

const DIAMOND = {
  load: step(),
  left: step(after('load')),
  right: step(after('load')),
  merge: step(after('left', 'right')),
};

test('whoever leads, each step of a diamond runs once: the leader dies after each of them', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  let leader = await world.scheduler('s0');
  const flow = await flows.start(DIAMOND);
  const order = ['load', 'left', 'merge'];
  for (const [at, name] of order.entries()) {
    const { record } = await heldOf(world, worker, flow, name);
    const heir = await world.scheduler(`s${at + 1}`);
    // Steps that begin together may be in one batch.
    for (const held of [...worker.held.values()].filter(({ record: { batch } }) => batch === record.batch))
      await worker.succeed(held);
    await world.kill(leader);
    await world.leader(({ id }) => id === `s${at + 1}`);
    leader = heir;
  }
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1, failed: 0, cancelled: 0 });
  const started = (await flows.batches(flow)).flatMap(({ header }) => header.of?.map((entry) => entry.step) ?? []);
  t.deepEqual(started.sort(), Object.keys(DIAMOND).sort());
  t.true([...worker.begun.values()].every((times) => times === 1));
});

test('the batch of a step and the assignment that hands it out are in one transaction', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({ one: step(), two: step(after('one')) });
  for (const name of ['one', 'two']) {
    const held = await heldOf(world, worker, flow, name);
    const batch = (await flows.batches(flow)).find(({ id }) => id === held.record.batch);
    const assigned = await world.zk.exists(assignmentPath(worker.id, held.id));
    t.is(assigned?.czxid, batch?.czxid, name);
    await worker.succeed(held);
  }
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
});

test('a step of 500 runs is a batch or a few, and each task of it runs once', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { ...STEP_WORKER, capacity: 500 });
  const flow = await flows.start({ one: step(), two: step(after('one')) }, { count: 500 });
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 500 });
  t.is(worker.begun.size, 1_000);
  t.true([...worker.begun.values()].every((times) => times === 1));
  const batches = await flows.batches(flow);
  t.true(batches.length < 50, `${batches.length} batches`);
});

test('a step that fails fails its run, and what is behind it is not started; a retry runs it again', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({ one: step({ options: { maxAttempts: 1 } }), two: step(after('one')) });
  const run = `${flow}.0`;
  const held = await heldOf(world, worker, flow, 'one');
  await worker.report(held, [{ from: 0, to: 1, outcome: 'failed' }]);
  t.like(await world.until(() => flows.finished(flow)), { failed: 1 });
  t.true(logged(leader, 'run.failed', { run, flow: 'daily' }));
  const refused = await world.ask({ kind: 'retry', tasks: [`${held.record.batch}.0`] });
  t.regex(refused.tasks?.[0]?.message ?? '', /drover flow retry/);
  t.like(await world.ask({ kind: 'flow-retry', runs: [run] }, { by: 'ann', reason: 'mended' }), { ok: true });
  t.is(await flows.finished(flow), null);
  const again = await heldOf(world, worker, flow, 'one');
  t.not(again.record.batch, held.record.batch);
  // No leader may find what a retry has started, and not the retry.
  const started = (await world.zk.get(batchPath(again.record.batch))).stat.czxid;
  const noted = await Promise.all(
    (await world.zk.children(flowPath(flow))).map((note) => world.zk.get(notePath(flow, note))),
  );
  const retried = noted.find(({ data }) => decodeNotes(flow, data).some(({ kind }) => kind === 'retry'));
  t.true(retried !== undefined && retried.stat.czxid <= started);
  await worker.succeed(again);
  await worker.succeed(await heldOf(world, worker, flow, 'two'));
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1, failed: 0 });
  const retry = (await flows.notes(flow)).find(({ kind }) => kind === 'retry');
  t.like(retry, { by: 'ann', reason: 'mended', gen: 1 });
});

test('a signal counts once, its repeat is a success, and the next leader knows it', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const ask = { kind: 'signal' as const, answers: ['yes', 'no'] };
  const publish = { all: [{ step: 'ask', is: 'yes' }] };
  const flow = await flows.start({ one: step(), ask: { ...ask, ...after('one') }, publish: step({ after: publish }) });
  const run = `${flow}.0`;
  const signal = (answer: string) => world.ask({ kind: 'flow-signal', run, step: 'ask', answer, payload: { n: 1 } });
  await worker.succeed(await heldOf(world, worker, flow, 'one'));
  const why = await world.until(async () => {
    const { why } = await world.ask({ kind: 'why', task: run });
    return why?.reasons.some(({ code }) => code === 'approval') === true ? why : null;
  });
  t.like(
    why.reasons.find(({ code }) => code === 'approval'),
    { step: 'ask', answers: ['yes', 'no'] },
  );
  t.like((await signal('perhaps')).runs?.[0], { ok: false, code: 'unknown-answer' });
  t.like(await signal('yes'), { ok: true });
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id }) => id === 's2');
  t.like((await signal('no')).runs?.[0], { ok: false, code: 'answered' }, 'the next leader knows what was answered');
  t.like(await signal('yes'), { ok: true });
  await worker.succeed(await heldOf(world, worker, flow, 'publish'));
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
  const signals = (await flows.notes(flow)).filter(({ kind }) => kind === 'signal');
  t.is(signals.length, 1);
  t.like(signals[0], { answer: 'yes', payload: { n: 1 } });
  t.like(await signal('yes'), { ok: true }, 'a repeat is one also when the run has ended');
});

test('a run that is cancelled takes its tasks from their workers, starts nothing more, and frees its key', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({ one: step(), two: step(after('one')) }, { key: 'today' });
  const key = keyPath(flowKeyQueue('daily'), 'today');
  const held = await heldOf(world, worker, flow, 'one');
  t.not(await world.zk.exists(key), null);
  const cancel = { kind: 'flow-cancel' as const, runs: [`${flow}.0`] };
  t.like(await world.ask(cancel, { by: 'ann' }), { ok: true });
  const asked = await worker.next(({ id, record }) => id === held.id && record.cancel !== undefined);
  await worker.report(asked, [{ from: 0, to: 1, outcome: 'cancelled' }]);
  t.like(await world.until(() => flows.finished(flow)), { cancelled: 1 });
  t.is(await world.zk.exists(key), null);
  t.is((await flows.batches(flow)).length, 1);
});

test('a label chooses the branch, also for a leader that finds the batch finished', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({
    check: step({ labels: ['good', 'bad'] }),
    wait: { kind: 'signal', ...after('check') },
    good: step({ after: { all: [{ step: 'check', is: 'good' }, { step: 'wait' }] } }),
    bad: step({ after: { all: [{ step: 'check', is: 'bad' }, { step: 'wait' }] } }),
  });
  const held = await heldOf(world, worker, flow, 'check');
  await worker.report(held, [{ from: 0, to: 1, outcome: 'succeeded' }], 0, true, { labels: [[0, 1, 'bad']] });
  await world.until(() => world.submitter.finished(held.record.batch));
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id }) => id === 's2');
  t.like(await world.ask({ kind: 'flow-signal', run: `${flow}.0`, step: 'wait', payload: null }), { ok: true });
  await worker.succeed(await heldOf(world, worker, flow, 'bad'));
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
  const steps = (await flows.batches(flow)).flatMap(({ header }) => header.of?.map((entry) => entry.step) ?? []);
  t.deepEqual(steps.sort(), ['bad', 'check']);
});

test('items of a map wait as drafts until their step is due, under every leader, and keep their payloads', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true, capacity: 10 });
  const id = flows.newId();
  const draft = await flows.draft(id, 'each', 5);
  const each = { kind: 'map' as const, type: 'noop', items: { given: true as const }, ...after('one') };
  const flow = await flows.start({ one: step(), each, two: step(after('each')) }, { maps: [['each', 0, 5]] }, id);
  const held = await heldOf(world, worker, flow, 'one');
  t.deepEqual(worker.tasks(), [`${held.record.batch}.0`]);
  t.like((await world.ask({ kind: 'why', task: `${draft}.0` })).why?.reasons[0], {
    code: 'waiting-step',
    text: 'step each waits for one',
  });
  await worker.succeed(held);
  await worker.next(({ record }) => record.batch === draft);
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id: leader }) => leader === 's2');
  await worker.release();
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
  t.true([...worker.begun.values()].every((times) => times === 1));
  await world.until(() => world.submitter.finished(draft));
  const lines = (await world.zk.get(world.pathOf(draft))).data.toString().split('\n');
  t.is(lines.length, 6);
});

test('garbage below /flows and /plans is skipped, a plan that makes no sense fails its own runs, and others go on', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const bucket = (id: string): string => world.pathOf(id).replace('/tasks/', '/flows/');
  const garbage = flows.newId();
  await world.zk.create(bucket(garbage), 'no flow');
  await world.zk.create('/flows/00/odd', 'no place');
  await world.zk.create('/plans/odd', '{}');
  const leader = await world.scheduler('s1');
  await world.worker('w1', STEP_WORKER);
  const bad = await flows.startText('{"v":1,"name":"daily","steps":{"a":{"kind":"dance"}}}');
  const good = await flows.start({ one: step() });
  await world.zk.create(`${bucket(good)}/odd`, 'no note');
  t.like(await world.until(() => flows.finished(good)), { succeeded: 1 });
  t.like(await world.until(() => flows.finished(bad)), { failed: 1 });
  const [end] = await flows.notes(bad);
  t.regex(JSON.stringify(end), /InvalidPlan/);
  t.true(logged(leader, 'record.invalid', { path: bucket(garbage) }));
  t.is(leader.events.filter(({ name }) => name === 'term.failed').length, 0);
});

test('the report of a worker that was taken for dead is refused, and the step after it starts once', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1');
  const zombie = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({ one: step(), two: step(after('one')) });
  const held = await heldOf(world, zombie, flow, 'one');
  const late = zombie.reportOperations(held, [{ from: 0, to: 1, outcome: 'succeeded' }], 'ok', true);
  await zombie.stop();
  const worker = await world.worker('w2', { ...STEP_WORKER, hold: true });
  const again = await worker.next(({ record }) => record.batch === held.record.batch && record.attempt === 2);
  await t.throwsAsync(world.zk.multi(late), { code: 'NO_NODE' });
  await worker.succeed(again);
  await t.throwsAsync(world.zk.multi(late), { code: 'NO_NODE' });
  await worker.succeed(await heldOf(world, worker, flow, 'two'));
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
  const named = (await flows.batches(flow)).flatMap(({ header }) => header.of?.map((entry) => entry.step) ?? []);
  t.deepEqual(named.sort(), ['one', 'two']);
});

test('a retried step whose type no worker offers any more waits, says so, and goes on when one does', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1');
  const before = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const flow = await flows.start({ one: step({ options: { maxAttempts: 1 } }) });
  const run = `${flow}.0`;
  await before.report(await heldOf(world, before, flow, 'one'), [{ from: 0, to: 1, outcome: 'failed' }]);
  await world.until(() => flows.finished(flow));
  await before.stop();
  await world.worker('w2', { ...STEP_WORKER, types: ['renamed'] });
  t.like(await world.ask({ kind: 'flow-retry', runs: [run] }), { ok: true });
  const again = await world.until(
    async () => (await flows.batches(flow)).find(({ header }) => header.of?.[0]?.gen === 1) ?? null,
  );
  const why = await world.until(async () => {
    const reasons = (await world.ask({ kind: 'why', task: `${again.id}.0` })).why?.reasons ?? [];
    return reasons.find(({ code }) => code === 'type-unserved') ?? null;
  });
  t.regex(why.text, /offers the type noop/);
  await world.worker('w3', STEP_WORKER);
  t.like(await world.until(() => flows.finished(flow)), { succeeded: 1 });
});

test('garbage in the znode of a run that is under way stops that run alone; put right, it goes on under the next leader', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const first = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { ...STEP_WORKER, hold: true });
  const steps = { one: step(), two: step(after('one')) };
  const bad = await flows.start(steps);
  const ofBad = await heldOf(world, worker, bad, 'one');
  // Each has a batch of its own.
  const good = await flows.start(steps);
  const ofGood = await heldOf(world, worker, good, 'one');
  const { data } = await world.zk.get(flowPath(bad));
  await world.zk.set(flowPath(bad), '{"v":1,"name":7}');
  await world.zk.create(`${flowPath(good)}/noise`, 'noise');
  const second = await world.scheduler('s2');
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');
  await world.until(() => (logged(second, 'record.invalid', { path: flowPath(bad) }) ? true : null));
  await worker.succeed(ofGood);
  await worker.succeed(await heldOf(world, worker, good, 'two'));
  t.like(await world.until(() => flows.finished(good)), { succeeded: 1 });
  await worker.succeed(ofBad);
  t.like(await world.ask({ kind: 'flow-get', run: `${bad}.0` }), { ok: false });

  await world.zk.set(flowPath(bad), data);
  await world.scheduler('s3');
  await world.kill(second);
  await world.leader(({ id }) => id === 's3');
  await worker.succeed(await heldOf(world, worker, bad, 'two'));
  t.like(await world.until(() => flows.finished(bad)), { succeeded: 1 });
  t.true([...worker.begun.values()].every((times) => times === 1));
});

test('after retention nothing of a flow is left but its plan', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  await world.scheduler('s1', { retainTasks: 0, retainDeadTasks: 0, retainAtLeastMs: 0 });
  await world.until(async () => ((await world.zk.exists('/intake')) === null ? null : true));
  const worker = await world.worker('w1', STEP_WORKER);
  const before = await world.zk.countDescendants('/');
  const id = flows.newId();
  await flows.draft(id, 'each', 3);
  const each = { kind: 'map' as const, type: 'noop', items: { given: true as const }, ...after('one') };
  await flows.start({ one: step(), each, two: step(after('each')) }, { maps: [['each', 0, 3]], key: 'k' }, id);
  await flows.start(DIAMOND, { count: 20 });
  await worker.until(() => (worker.begun.size === 5 + 80 ? true : null));
  await world.until(async () => ((await world.zk.countDescendants('/')) === before + 2 ? true : null));
  t.deepEqual((await world.zk.children('/plans')).length, 2);
});

test('a leader that finds the batches of a flow which was removed before lets retention have them, those of items too', async (t) => {
  const world = await World.create(t);
  const flows = starter(world);
  const first = await world.scheduler('s1');
  await world.until(async () => ((await world.zk.exists('/intake')) === null ? null : true));
  await world.worker('w1', STEP_WORKER);
  const before = await world.zk.countDescendants('/');
  const id = flows.newId();
  const draft = await flows.draft(id, 'each', 3);
  const each = { kind: 'map' as const, type: 'noop', items: { given: true as const }, ...after('one') };
  await flows.start({ one: step(), each }, { maps: [['each', 0, 3]] }, id);
  await world.until(() => flows.finished(id));
  await world.until(() => world.submitter.finished(draft));
  await world.kill(first);
  for (const note of await world.zk.children(flowPath(id))) await world.zk.delete(notePath(id, note));
  await world.zk.delete(flowPath(id));
  await world.scheduler('s2', { retainTasks: 0, retainDeadTasks: 0, retainAtLeastMs: 0 });
  await world.until(async () => ((await world.zk.countDescendants('/')) === before + 1 ? true : null));
  t.deepEqual(await world.zk.children(batchPath(draft).split('/').slice(0, 3).join('/')), []);
});

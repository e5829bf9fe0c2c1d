import { ManualRuntime } from '@drover/testing';
import test from 'ava';
import { allowanceOf, Pace } from './pace.js';

const batch = { batchTasks: 500, batchBytes: 65_536 };

test('nobody is held up by a large limit, or by none', (t) => {
  t.is(allowanceOf(null, batch), null);
  const pace = new Pace(new ManualRuntime(), () => t.fail());
  pace.went(1_000_000, 1e12);
  t.true(pace.mayGo(null));
  t.true((allowanceOf({ maxTasks: 5_000_000, maxBytes: 1e9 }, batch)?.tasks ?? 0) >= 16 * 500);
});

test('under a small limit a batch goes out, and the next when the leader has had the time to see it', async (t) => {
  const runtime = new ManualRuntime();
  let woken = 0;
  const pace = new Pace(runtime, () => {
    woken++;
  });
  const allowance = allowanceOf({ maxTasks: 1_000, maxBytes: 1e9 }, batch);
  t.true(pace.mayGo(allowance));
  pace.went(200, 1_000);
  t.true(pace.mayGo(allowance), 'small batches count as what they hold');
  pace.went(300, 1_000);
  t.false(pace.mayGo(allowance));
  t.false(pace.mayGo(allowance));
  await runtime.advance(99);
  t.is(woken, 0);
  await runtime.advance(1);
  t.is(woken, 1, 'whoever was held up is told once');
  t.true(pace.mayGo(allowance));
});

test('bytes count too', (t) => {
  const pace = new Pace(new ManualRuntime(), () => undefined);
  const allowance = allowanceOf({ maxTasks: 5_000_000, maxBytes: 100_000 }, batch);
  t.true(pace.mayGo(allowance));
  pace.went(1, 65_536);
  t.false(pace.mayGo(allowance));
});

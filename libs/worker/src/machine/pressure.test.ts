import test from 'ava';
import { CALM_MS, Pressure, PRESSURE } from './pressure.js';

const calm = { memory: 0.5, stalled: 0, load: 1 };

test('each bound presses by itself, and what cannot be measured never', (t) => {
  const pressed = (load: Partial<typeof calm>, most: number | null = null) => {
    const pressure = new Pressure({ ...PRESSURE, load: most });
    pressure.look({ ...calm, ...load }, 0);
    return pressure.why;
  };
  t.is(pressed({}), null);
  t.is(pressed({ memory: 0.91 }), '91 % of the memory is in use');
  t.is(pressed({ stalled: 0.25 }), 'somebody waited for memory in 25 % of the last 10 s');
  t.is(pressed({ load: 9 }), null);
  t.is(pressed({ load: 9 }, 8), 'the load average is 9');
  const pressure = new Pressure({ ...PRESSURE, load: 8 });
  t.false(pressure.look({ memory: null, stalled: null, load: null }, 0));
  t.is(pressure.why, null);
});

test('it is at ease again when nothing was over its bound for ten seconds', (t) => {
  const pressure = new Pressure({ ...PRESSURE, load: null });
  t.true(pressure.look({ ...calm, memory: 0.95 }, 1_000));
  t.false(pressure.look({ ...calm, memory: 0.95 }, 3_000));
  t.false(pressure.look(calm, 3_000 + CALM_MS - 1));
  t.false(pressure.look({ ...calm, stalled: 0.5 }, 3_000 + CALM_MS));
  t.not(pressure.why, null);
  t.false(pressure.look(calm, 3_000 + 2 * CALM_MS - 1));
  t.true(pressure.look(calm, 3_000 + 2 * CALM_MS));
  t.is(pressure.why, null);
});

import { ceiling } from './ceiling/ceiling.js';
import { measure, ratioOf, type Comparison } from './compare.js';
import { callers } from './figures/callers.js';
import { flows } from './figures/flows.js';
import { flowsWaiting } from './figures/flows-waiting.js';
import { lateness } from './figures/lateness.js';
import { rowsOf, type Figure, type FigureRow, type Place } from './figures/figure.js';
import { everyFate, settledZnodes } from './figures/znodes.js';
import { attempt, isWanted, type Run } from './part.js';
import { droverContender } from './systems/drover.js';

/** Drover beside the bare protocol on one ensemble. */
export interface EnsembleResults {
  servers: number;
  rows: Comparison[];
  figures: FigureRow[];
}

/** All of Drover's work is below one root, of which the znodes are counted before the first task and after the last. */
export async function measureEnsemble(place: Place, run: Run): Promise<void> {
  const results: EnsembleResults = { servers: place.serverCount, rows: [], figures: [] };
  run.results.ensembles.push(results);
  const zk = place.chroot('drover');
  const on = `${place.serverCount} server${place.serverCount === 1 ? '' : 's'}`;
  const part = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (isWanted(run, name)) await attempt(run, `${name}, ${on}`, work);
  };
  const before = await settledZnodes(zk, place);
  await part('compare', async () => {
    const bare = await measure(ceiling(place, place.newRoot('ceiling')), place.effort);
    results.rows.push(bare);
    const drover = await measure(droverContender(zk, place), place.effort);
    results.rows.push(drover);
    results.figures.push(...besideCeiling(bare, drover));
  });
  await part('callers', async () => {
    const runs: Figure[][] = [];
    for (let n = 0; n < place.effort.scenarioRuns; n++) runs.push(await callers(place, zk));
    results.figures.push(...rowsOf(runs));
  });
  await part('lateness', async () => {
    const runs: Figure[][] = [];
    for (let n = 0; n < place.effort.scenarioRuns; n++) runs.push(await lateness(place, place.chroot('lateness')));
    results.figures.push(...rowsOf(runs));
  });
  await part('flows', async () => {
    const runs: Figure[][] = [];
    for (let n = 0; n < place.effort.scenarioRuns; n++) runs.push(await flows(place));
    results.figures.push(...rowsOf(runs));
    // The leader's memory does not depend on the number of servers.
    if (place.serverCount === 1) results.figures.push(...rowsOf([await flowsWaiting(place)]));
  });
  await part('znodes', async () => {
    await everyFate(place, zk);
    const value = (await settledZnodes(zk, place, before)) - before;
    const name = `znodes beyond the ${before} before, after all of this, faults, and retention`;
    results.figures.push(...rowsOf([[{ name, value, unit: '', target: { atMost: 0 } }]]));
  });
}

function besideCeiling(bare: Comparison, drover: Comparison): FigureRow[] {
  const row = (name: string, value: FigureRow['value'], target: FigureRow['target']): FigureRow => ({
    name,
    value,
    unit: 'of the ceiling',
    target,
    runs: drover.runs,
  });
  return [
    row('bulk, submit to result', ratioOf(drover.tasksPerSecond, bare.tasksPerSecond), { atLeast: 0.6 }),
    row('round trip of a single task, p50', ratioOf(drover.singleMs.p50, bare.singleMs.p50), { atMost: 1.3 }),
    row('round trip of a single task, p99', ratioOf(drover.singleMs.p99, bare.singleMs.p99), { atMost: 2 }),
  ];
}

/**
 * The acceptance scenario: what users rely on most, in their sizes, and the leader dies at the worst moment. Each case
 * says what it expects beyond the rules, which judge its histories as those of any run.
 */
import type { Running } from '../run/run.js';
import { deadLetters } from './dead-letters.js';
import { failing } from './failing.js';
import { fires } from './fires.js';
import { lifetimes } from './lifetimes.js';
import { limits } from './limits.js';
import { onceMore } from './once-more.js';
import type { Scenario } from './scenario.js';
import { sequences } from './sequences.js';
import { shares } from './shares.js';
import { Stage, type Case } from './stage.js';
import { windows } from './windows.js';

/** Resolves with a sentence for each thing that was not as it should be; none where the run has no scenario. */
export async function play(running: Running): Promise<string[]> {
  const { scenario } = running.setup;
  if (scenario === null) return [];
  const cases = casesOf(scenario);
  const stage = new Stage(running, scenario.together ? cases.length : 1);
  try {
    if (scenario.together) return (await Promise.all(cases.map((one) => one(stage)))).flat();
    const broken: string[] = [];
    for (const one of cases) {
      broken.push(...(await one(stage)));
      await stage.settled();
    }
    return broken;
  } finally {
    await stage.settled().finally(() => stage.close());
  }
}

function casesOf(scenario: Scenario): Case[] {
  const { windows: inWindows, lifetimes: inTime, shares: shared } = scenario;
  return [
    (stage) => fires(stage, scenario.fires),
    (stage) => failing(stage, scenario.failing),
    ...scenario.onceMore.failures.map(
      (failures): Case =>
        (stage) =>
          onceMore(stage, scenario.onceMore, failures),
    ),
    (stage) => deadLetters(stage, scenario.deadLetters),
    (stage) => limits(stage, scenario.limits),
    (stage) => sequences(stage, scenario.sequences),
    ...(inWindows === null ? [] : [(stage: Stage) => windows(stage, inWindows)]),
    ...(inTime === null ? [] : [(stage: Stage) => lifetimes(stage, inTime)]),
    ...(shared === null ? [] : [(stage: Stage) => shares(stage, shared)]),
  ];
}

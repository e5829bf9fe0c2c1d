/** Helpers that tests of the planner use over and over: a small world, its next decision, and what is in it. */
import type { RangeEnd } from '@drover/core';
import type { Strategy } from '@drover/strategies';
import type { AssignmentFact, Command } from '../src/model.js';
import { seededRandom, World } from './world.js';

export const world = (strategy: string | Strategy = 'round-robin', settings = {}): World =>
  new World(seededRandom(1), strategy, settings);

export const kinds = (commands: readonly Command[]): string[] => commands.map(({ kind }) => kind);
export const assigned = (commands: readonly Command[]): AssignmentFact[] =>
  commands.flatMap((command) => (command.kind === 'assign' ? [command.assignment] : []));
export const sizes = (commands: readonly Command[]): number[] =>
  assigned(commands).map(({ tasks }) => tasks.reduce((sum, [from, to]) => sum + to - from, 0));
export const one = (index: number, outcome: RangeEnd['outcome']): RangeEnd => ({ from: index, to: index + 1, outcome });
export const spent = (ranMs: number, heldMs = ranMs): { ranMs: number; heldMs: number } => ({ ranMs, heldMs });

/** Delivers all news and plans once. */
export function decide(w: World): Command[] {
  w.deliver();
  return w.plan();
}

/** Plans until nothing is left to be done now. */
export function decideAll(w: World): Command[] {
  const commands = decide(w);
  for (let more = commands; more.length > 0; commands.push(...more)) more = decide(w);
  return commands;
}

/** Queues that cases pause or give weights: their settings are znodes that are there before the work, and stay. */
export const QUEUES_OF_CASES = { lifetimes: 'expiring', shares: 'fair' } as const;

/** The size of each case of the acceptance scenario. */
export interface Scenario {
  /** All at the same time with one kill, instead of one after the other with kills of their own. */
  together: boolean;
  fires: { schedules: number; defaults: number; kills: number; betweenMs: number; restMs: number };
  failing: { everyMs: number };
  onceMore: { submits: number; firstMs: number; failures: readonly number[] };
  deadLetters: { tasks: number; perSecond: number };
  limits: { keys: number; tasksAKey: number; ms: number; rated: number; kills: number; killsAWorker: boolean };
  sequences: { count: number; tasks: number };
  /** Cases that take their time and have no kill; `null`: they are left out. */
  windows: { submits: number } | null;
  lifetimes: { tasks: number } | null;
  shares: { tasks: number } | null;
}

/** Some minutes: sizes as users have them. */
export const FULL: Scenario = {
  together: false,
  fires: { schedules: 50, defaults: 10, kills: 3, betweenMs: 10_000, restMs: 15_000 },
  failing: { everyMs: 2_000 },
  onceMore: { submits: 50, firstMs: 3_000, failures: [0, 2] },
  deadLetters: { tasks: 500, perSecond: 100 },
  limits: { keys: 10, tasksAKey: 50, ms: 200, rated: 1_000, kills: 2, killsAWorker: true },
  sequences: { count: 20, tasks: 20 },
  windows: { submits: 50 },
  lifetimes: { tasks: 100 },
  shares: { tasks: 2_000 },
};

/** Some seconds with one kill, for CI. */
export const SMALL: Scenario = {
  together: true,
  fires: { schedules: 4, defaults: 2, kills: 1, betweenMs: 1_500, restMs: 6_000 },
  failing: { everyMs: 1_000 },
  onceMore: { submits: 20, firstMs: 1_000, failures: [2] },
  deadLetters: { tasks: 60, perSecond: 20 },
  limits: { keys: 3, tasksAKey: 8, ms: 100, rated: 60, kills: 1, killsAWorker: false },
  sequences: { count: 3, tasks: 6 },
  windows: null,
  lifetimes: null,
  shares: null,
};

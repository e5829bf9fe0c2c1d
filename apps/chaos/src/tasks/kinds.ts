/** The payload of the tasks of a chaos run. */
export interface WorkPayload {
  /** The run's own name of the task, in every history. Of a task that a schedule made it is the id of its fire. */
  task: string;
  /** How long an attempt takes. */
  ms: number;
  /** The number of attempts that fail before one succeeds. */
  failures: number;
}

export interface WorkResult {
  task: string;
  attempt: number;
  worker: string;
}

/**
 * `quick` takes no time, `slow` its `ms`, `flaky` fails at first, `hanging` waits for its abort, `computing` blocks its
 * thread.
 */
export type WorkTypes = Record<'quick' | 'slow' | 'flaky' | 'hanging' | 'computing', [WorkPayload, WorkResult]>;
export type WorkType = keyof WorkTypes;

/** An item of a map: it gives its value, after so many attempts that fail. */
export interface Part {
  value: number;
  failures: number;
}
export interface Listed {
  items: readonly Part[];
}
/** The payload of a broadcast: the run's own name of it. */
export interface AtEach {
  broadcast: string;
}
/** Of steps of runs, and of broadcasts. */
export interface StepTypes {
  list: [Listed, Part[]];
  part: [Part, number];
  sum: [{ results: number[] }, number];
  each: [AtEach, WorkResult];
}

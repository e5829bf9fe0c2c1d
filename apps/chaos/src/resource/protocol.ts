/** A line to the resource. `n` names the answer. */
export interface Write {
  n: number;
  task: string;
  /** Decimal: it is 64 bits wide. */
  token: string;
  attempt: number;
  worker: string;
}

/** A line from the resource. */
export interface Answer {
  n: number;
  accepted: boolean;
}

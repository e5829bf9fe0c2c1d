import { DroverError } from '@drover/core';

/** A plan that cannot be run: what is wrong with it, and where. Nothing was started. */
export class InvalidPlanError extends DroverError {
  override readonly name = 'InvalidPlanError';
  override readonly category = 'usage';
  readonly flow: string;
  /** Why, without the name of the flow. */
  readonly why: string;
  constructor(flow: string, why: string) {
    super(`flow '${flow}' cannot be run: ${why}`);
    this.flow = flow;
    this.why = why;
  }
}

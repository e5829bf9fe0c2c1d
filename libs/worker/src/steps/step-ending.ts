import type { CallEnd } from '../execution/executor.js';

/** Thrown by `ctx.skip` and `ctx.become`: the handler ends there, and has not failed. */
export class StepEnding extends Error {
  override readonly name = 'StepEnding';
  readonly how: { readonly skipped: true } | { readonly becomes: { text: string; input: string } };
  constructor(how: StepEnding['how']) {
    super('the handler ends here: do not catch what ctx.skip and ctx.become throw');
    this.how = how;
  }
}

/** The end of a handler that threw; `null`: it threw something else. */
export function endOfEnding(thrown: unknown): CallEnd | null {
  if (!(thrown instanceof StepEnding)) return null;
  const { how } = thrown;
  if ('skipped' in how) return { outcome: 'succeeded', result: 'null', step: { skipped: true } };
  return { outcome: 'succeeded', result: 'null', becomes: how.becomes };
}

import type { CommandAnswer, CommandRequest } from '@drover/protocol';
import type { Definitions } from '../definitions/definitions.js';
import type { Scaling } from './scaling.js';

export type ScaleCommand = Extract<CommandRequest, { kind: 'show-scale' | 'scale-coming' }>;

export const isScaleRequest = (request: CommandRequest): request is ScaleCommand =>
  request.kind === 'show-scale' || request.kind === 'scale-coming';

/** Answers requests about the advice for a pool, from memory: a repeated one changes nothing. */
export function answerScale(
  request: ScaleCommand,
  { scaling, definitions }: { scaling: Pick<Scaling, 'advice' | 'coming'>; definitions: Pick<Definitions, 'get'> },
): CommandAnswer {
  const { pool } = request;
  if (request.kind === 'scale-coming') scaling.coming(pool, request.count);
  const advice = scaling.advice(pool);
  if (advice !== null) return { ok: true, scale: { ...advice, remove: [...advice.remove] } };
  return { ok: false, message: whyNoAdvice(pool, definitions) };
}

/** `null` of the pool's template: nobody has said what one more worker would be. */
export function whyNoAdvice(pool: string, definitions: Pick<Definitions, 'get'>): string {
  const spec = definitions.get('pool', pool)?.spec;
  if (spec === undefined) return `there is no pool '${pool}': drover pool ls lists those that there are`;
  if (spec.template !== null) return `the leader has not looked at pool ${pool} yet: it does in some seconds`;
  return `pool ${pool} has no template, so there is no advice: say what one more worker would have with drover pool set ${pool} --template cpu=4,memory=8GiB`;
}

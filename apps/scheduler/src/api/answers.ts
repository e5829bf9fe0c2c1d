import type { QuestionName, Questions } from '@drover/api';
import { InvalidArgumentError } from '@drover/core';
import type { Scheduler } from '@drover/scheduler';

export interface Answering {
  scheduler: Pick<Scheduler, 'readModel' | 'handOver'>;
  /** The scheduler's own metrics, in Prometheus' text format. */
  metrics: () => Promise<string>;
}

/** Answers a question of the API's thread. Rejects where it makes no sense. */
export async function answerTo(name: QuestionName, ask: unknown, { scheduler, metrics }: Answering): Promise<unknown> {
  if (name === 'metrics') return metrics();
  if (typeof ask !== 'object' || ask === null) throw new InvalidArgumentError('ask', ask, 'an object');
  if (name === 'resign') {
    const { reason } = ask as Questions['resign']['ask'];
    return scheduler.handOver(`handed over${reason === '' ? '' : `: ${reason}`}`);
  }
  return scheduler.readModel.answer(name, ask as never);
}

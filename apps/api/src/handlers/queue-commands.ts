import type { Drover, QueueView } from '@drover/client';
import { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from '@drover/core';
import type { ApiContext } from '../api-context.js';
import { askedBy, mustSee, param } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';

/** Settings of a queue. */
export const queueCommandHandlers: Handlers = {
  changeQueue: async (asked, context) => {
    const { settings } = asked.body as { settings: Partial<QueueSettings> };
    const { before, after } = await change(asked, context, settings);
    return { status: 200, json: { before, after } };
  },
  pauseQueue: (asked, context) => paused(asked, context, true),
  resumeQueue: (asked, context) => paused(asked, context, false),
};

async function paused(asked: Asked, context: ApiContext, isPaused: boolean): Promise<Answer> {
  const { after } = await change(asked, context, { paused: isPaused });
  return { status: 200, json: after };
}

async function change(
  asked: Asked,
  { drover }: ApiContext,
  settings: Partial<QueueSettings>,
): Promise<{ before: QueueView; after: QueueView }> {
  const name = param(asked, 'name');
  mustSee(asked.caller, name);
  const { queue: toldIn } = settings.onDead ?? {};
  if (toldIn !== undefined) mustSee(asked.caller, toldIn);
  const before = await queueNamed(drover, name);
  await drover.configureQueue(name, settings, askedBy(asked));
  return { before, after: asAsked(await queueNamed(drover, name), settings) };
}

/**
 * A queue whose settings are all defaults has no record, and then the leader's counts say whether it is paused, which are up to a
 * second old. The leader has just done it, so the answer says so.
 */
function asAsked({ pausedBy, ...queue }: QueueView, { paused = queue.paused }: Partial<QueueSettings>): QueueView {
  return { ...queue, paused, ...(paused && pausedBy !== undefined ? { pausedBy } : {}) };
}

/** A queue without tasks whose settings are all defaults is nowhere written down. */
async function queueNamed(drover: Drover, name: string): Promise<QueueView> {
  const found = (await drover.queues()).find((queue) => queue.name === name);
  return found ?? { name, ...DEFAULT_QUEUE_SETTINGS, pending: 0, out: 0 };
}

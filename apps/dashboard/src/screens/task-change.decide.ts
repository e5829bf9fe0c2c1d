import { InvalidArgumentError, LIMITS, parseName, parseWithinYear } from '@drover/core';

/** A task that waits, as far as its change needs it. */
export interface Waiting {
  queue: string;
  priority?: number | undefined;
}

/** As the user typed it; empty texts leave things as they are. */
export interface ChangeForm {
  priority: string;
  queue: string;
  when: 'as-it-is' | 'now' | 'later';
  delay: string;
}

/** The body of `PATCH /v1/tasks/:id`, without a reason. */
export interface WantedChange {
  priority?: number;
  queue?: string;
  now?: boolean;
  delay?: string;
}

export const UNCHANGED: ChangeForm = { priority: '', queue: '', when: 'as-it-is', delay: '5m' };

/** The change that the form asks for, or what is missing or wrong in it. */
export function changeIn(form: ChangeForm, task: Waiting): { change: WantedChange } | { missing: string } {
  const priority = form.priority.trim() === '' ? undefined : Number(form.priority);
  const isPriority = priority === undefined || (Number.isInteger(priority) && Math.abs(priority) <= LIMITS.priority);
  if (!isPriority) return { missing: `A priority is a whole number from -${LIMITS.priority} to ${LIMITS.priority}` };
  const queue = form.queue.trim();
  const fault = queue === '' ? null : (faultOf(() => parseName('queue', queue)) ?? null);
  if (fault !== null) return { missing: 'A queue has letters, digits, and . _ -' };
  const isDelay = form.when !== 'later' || faultOf(() => parseWithinYear('delay', form.delay)) === null;
  if (!isDelay) return { missing: 'A time such as 30s, 5m or 2h, a year at most' };
  const change: WantedChange = {
    ...(priority === undefined || priority === (task.priority ?? 0) ? {} : { priority }),
    ...(queue === '' || queue === task.queue ? {} : { queue }),
    ...(form.when === 'now' ? { now: true } : form.when === 'later' ? { delay: form.delay } : {}),
  };
  return Object.keys(change).length === 0 ? { missing: 'Nothing would change' } : { change };
}

function faultOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message;
    throw error;
  }
}

/** The consequences, one sentence each. */
export function consequencesOf({ priority, queue, now, delay }: WantedChange): string[] {
  return [
    ...(queue === undefined ? [] : [`It goes on in the queue ${queue}.`]),
    ...(priority === undefined ? [] : [`Its priority is ${priority}.`]),
    ...(now === true ? ['It may start at once, whatever delay is left.'] : []),
    ...(delay === undefined ? [] : [`It starts in ${delay} at the earliest.`]),
    ...(queue === undefined && priority === undefined
      ? []
      : ['It gets a new id and all its attempts again; whoever waits for the old id gets the result of the new one.']),
  ];
}

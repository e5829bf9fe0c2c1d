import { api } from '../data/api.js';
import { right } from '../data/rights.js';
import type { State } from '../data/types.js';
import { ask } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';

/** The questions need to know this of a task. */
interface Known {
  id: string;
  type: string;
  state: State;
  worker?: string | null | undefined;
  /** It is a step of a run. */
  flow?: object | undefined;
}

const FINAL: readonly State[] = ['succeeded', 'failed', 'cancelled'];
export const isOver = (state: State): boolean => FINAL.includes(state);
export const isOut = (state: State): boolean => state === 'assigned' || state === 'running';

/** Tells why not, where the caller may not or the state does not allow it. */
function refuse(action: 'cancel' | 'retry', { state, flow }: Known): boolean {
  const allowed = right('operate', action);
  if (!allowed.allowed) toast(`You cannot ${action} tasks: it ${allowed.why}`, { tone: 'bad' });
  else if (action === 'retry' && flow !== undefined)
    toast('It is a step of a flow: its run is retried, on the page of the run', { tone: 'bad' });
  else if (action === 'cancel' ? isOver(state) : state !== 'failed')
    toast(
      action === 'cancel' ? `The task has ended: ${state}` : `Only failed tasks are retried; this one is ${state}`,
      { tone: 'bad' },
    );
  else return false;
  return true;
}

export function cancelTask(task: Known): void {
  if (refuse('cancel', task)) return;
  const where = typeof task.worker === 'string' ? ` on ${task.worker}` : '';
  ask({
    title: `Cancel ${task.type}?`,
    body: (
      <>
        <p>
          <code>{task.id}</code>
        </p>
        <p>
          {isOut(task.state)
            ? `The handler${where} is told to stop; after its grace its work is taken away. What it did already is not undone.`
            : 'It has not begun. It ends as cancelled and never runs.'}
        </p>
      </>
    ),
    confirm: 'Cancel task',
    tone: 'danger',
    reason: 'optional',
    run: async (reason) => {
      const reply = await api.post('/v1/tasks/:id/cancel', { id: task.id }, reason === undefined ? {} : { reason });
      return reply.state === 'cancelled' ? 'The task is cancelled' : 'The handler is told to stop';
    },
  });
}

export function retryTask(task: Known): void {
  if (refuse('retry', task)) return;
  ask({
    title: `Retry ${task.type}?`,
    body: (
      <>
        <p>
          <code>{task.id}</code>
        </p>
        <p>It becomes pending and gets all its attempts again. Its history stays.</p>
      </>
    ),
    confirm: 'Retry task',
    reason: 'optional',
    run: async (reason) => {
      await api.post('/v1/tasks/:id/retry', { id: task.id }, reason === undefined ? {} : { reason });
      return 'The task is pending again';
    },
  });
}

export function eraseTask(task: Known): void {
  ask({
    title: `Erase what is stored of ${task.type}?`,
    body: (
      <>
        <p>
          <code>{task.id}</code>
        </p>
        <p>
          Its payload, result and error texts are removed now. Nobody can bring them back, and it cannot be retried.
        </p>
      </>
    ),
    confirm: 'Erase',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      const { erased, remains } = await api.post(
        '/v1/tasks/:id/erase',
        { id: task.id },
        reason === undefined ? {} : { reason },
      );
      const rest = remains.length === 0 ? '' : `; ${remains.join(', ')} remains`;
      return `Erased: ${erased.join(', ') || 'nothing was stored'}${rest}`;
    },
  });
}

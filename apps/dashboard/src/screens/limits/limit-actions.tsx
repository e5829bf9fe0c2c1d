import { go } from '../../app/router.js';
import { api } from '../../data/api.js';
import { ask } from '../../ui/dialog.js';
import { counted } from '../../ui/format.js';
import { because } from '../because.js';
import type { LimitDoc } from '../shapes.js';

/** `0s` ends it. */
export async function hold(name: string, key: string | null, time: string, reason: string | undefined): Promise<void> {
  await api.post(
    '/v1/limits/:name/hold',
    { name },
    { for: time, ...(key === null ? {} : { key }), ...because(reason) },
  );
}

export function askRelease(name: string, key: string | null): void {
  const what = key === null ? name : `${name}/${key}`;
  ask({
    title: `End the hold of ${what}?`,
    body: <p>Tasks of it start again, as the limit allows.</p>,
    confirm: 'End hold',
    reason: 'optional',
    run: async (reason) => {
      await hold(name, key, '0s', reason);
      return `${what} is no longer held`;
    },
  });
}

export function askRemove({ name, out, waiting, revision }: LimitDoc): void {
  const inUse = out + waiting > 0;
  ask({
    title: `Remove limit ${name}?`,
    body: inUse ? (
      <p>
        {counted(out + waiting, 'task')} {out + waiting === 1 ? 'is' : 'are'} under it: they run without it from then
        on.
      </p>
    ) : (
      <p>No task is under it now. A submit that names it is refused from then on.</p>
    ),
    confirm: inUse ? 'Remove it all the same' : 'Remove limit',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await api.delete('/v1/limits/:name', {
        name,
        ifRevision: revision,
        ...(inUse ? { force: '1' } : {}),
        ...because(reason),
      });
      go('/limits');
      return `Limit ${name} is removed`;
    },
  });
}

import type { Disableable } from '@drover/api';
// The package as a whole would bring the options of tasks into the first view.
import { PERMISSIONS, type Permission } from '@drover/api/permissions';
import { computed, effect, signal } from '@preact/signals';
import { api, refusedSignIns } from './api.js';
import { problemOf, type ApiProblem } from './problem.js';
import type { About } from './types.js';

/** The caller and the rights that it has, as `GET /v1` tells; null: not known yet. */
export const about = signal<About | null>(null);
export const aboutError = signal<ApiProblem | null>(null);

/** Whether the page has to ask who the user is. */
export const mustSignIn = computed(() => about.value !== null && about.value.caller === null);

export function loadAbout(): void {
  api.get('/v1', {}).then(
    (answer) => {
      about.value = answer;
      aboutError.value = null;
    },
    (error: unknown) => {
      aboutError.value = problemOf(error);
    },
  );
}

/** Asks again who the user is, each time an answer says that it is not known. To be called once. */
export function followSignIns(): void {
  let seen = refusedSignIns.value;
  effect(() => {
    const refused = refusedSignIns.value;
    if (refused === seen) return;
    seen = refused;
    const known = about.peek();
    if (known !== null) about.value = { ...known, caller: null };
  });
}

export type Right = { allowed: true } | { allowed: false; why: string };

/** Whether the caller may do something, and if not, the role that it needs. */
export function right(permission: Permission, action?: Disableable): Right {
  const known = about.value;
  if (known === null) return { allowed: false, why: 'rights are not known yet' };
  if (action !== undefined && known.disabled.includes(action)) return { allowed: false, why: 'switched off here' };
  if (known.permissions.includes(permission)) return { allowed: true };
  return { allowed: false, why: `needs the role ${PERMISSIONS[permission].join(' or ')}` };
}

import { place } from '../../app/router.js';

/** The address of a step of the run that is shown. */
export function toStep(name: string): string {
  const query = new URLSearchParams(place.value.query);
  query.set('step', name);
  return `${place.value.path}?${query.toString()}`;
}

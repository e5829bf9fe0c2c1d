/** A session id in base 36. */
const INCARNATION = /-[0-9a-z]{8,13}$/;

/** `<name>-<session id>`, as paths and results have it, to the name. What has no such end (a leader's) stays as it is. */
export function nameOfWorker(id: string): string {
  return id.replace(INCARNATION, '');
}

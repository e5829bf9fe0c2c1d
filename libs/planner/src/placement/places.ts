import type { PlacedWorker } from './placed-worker.js';

/** Workers by values of the labels that somebody wants to be near; others are not looked at. */
export class Places {
  readonly #byLabel = new Map<string, Map<string, Set<PlacedWorker>>>();

  /** The workers of a place such as `host:h17`. `members`: all, for a label that nobody has asked for before. */
  of(place: string, members: () => Iterable<PlacedWorker>): ReadonlySet<PlacedWorker> {
    const colon = place.indexOf(':');
    const label = place.slice(0, colon);
    let values = this.#byLabel.get(label);
    if (values === undefined) {
      values = new Map();
      this.#byLabel.set(label, values);
      for (const member of members()) addTo(values, member.labels[label], member);
    }
    return values.get(place.slice(colon + 1)) ?? NOBODY;
  }

  came(member: PlacedWorker): void {
    for (const [label, values] of this.#byLabel) addTo(values, member.labels[label], member);
  }

  /** With the labels that it had. */
  left(member: PlacedWorker): void {
    for (const [label, values] of this.#byLabel) {
      const value = member.labels[label] ?? '';
      const there = values.get(value);
      if (there?.delete(member) === true && there.size === 0) values.delete(value);
    }
  }
}

const NOBODY: ReadonlySet<PlacedWorker> = new Set();

function addTo(values: Map<string, Set<PlacedWorker>>, value: string | undefined, member: PlacedWorker): void {
  if (value === undefined) return;
  const there = values.get(value);
  if (there === undefined) values.set(value, new Set([member]));
  else there.add(member);
}

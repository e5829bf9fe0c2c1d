import { Zone, zoneNamed } from '@drover/calendar';

/** In the data of the schedulers clocks change so much later than in those of this machine. */
const LATE_MS = [0, 3_000, -2_000];

const zones = LATE_MS.map(() => new Map<string, Zone | null>());

/** Data of time zones of scheduler `index`, which differ from those of the others. */
export function otherZones(index: number): (name: string) => Zone | null {
  const late = LATE_MS[index % LATE_MS.length] ?? 0;
  const known = zones[index % LATE_MS.length] ?? new Map<string, Zone | null>();
  if (late === 0) return zoneNamed;
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const real = zoneNamed(name);
    const other = real && new Zone((instant) => real.pieceAt(instant - late).offset);
    known.set(name, other);
    return other;
  };
}

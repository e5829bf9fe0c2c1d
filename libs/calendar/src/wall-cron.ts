import type { Pattern } from './pattern.js';
import type { Zone } from './zone.js';

/**
 * The first instant after `after` that `pattern` names on the wall clock of `zone`; `Infinity`: none in ten years.
 *
 * *Once*, for patterns that name times of the day: each of its wall times happens once, in a gap at the end of the gap, in an
 * overlap the first time. *Literal*, and for patterns that repeat: whenever the clock shows it, not at all or twice.
 */
export function nextOnWall(pattern: Pattern, zone: Zone, after: number, isLiteral: boolean): number {
  return isLiteral || !pattern.isFixedTime ? nextShown(pattern, zone, after) : nextOnce(pattern, zone, after);
}

function nextOnce(pattern: Pattern, zone: Zone, after: number): number {
  const { start, offset, before } = zone.pieceAt(after);
  // Wall times up to here have been before, however late in the second pass of an overlap `after` is.
  const passed = Math.max(after + offset, start + before - 1);
  for (let wall = pattern.next(passed); wall !== Infinity; wall = pattern.next(wall)) {
    // Two wall times of one gap are one instant; `null` is of a date that never was.
    const instant = zone.instantOf(wall);
    if (instant !== null && instant > after) return instant;
  }
  return Infinity;
}

function nextShown(pattern: Pattern, zone: Zone, after: number): number {
  let piece = zone.pieceAt(after);
  let wall = after + piece.offset;
  for (;;) {
    const instant = pattern.next(wall) - piece.offset;
    if (instant < piece.end || instant === Infinity) return instant;
    piece = zone.pieceAt(piece.end);
    // The first instant of the next piece included.
    wall = piece.start + piece.offset - 1;
  }
}

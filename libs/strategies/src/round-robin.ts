import { deal } from './deal.js';
import type { Candidate, Strategy } from './strategy.js';

/**
 * In turn, by the workers' names; the next call goes on behind the worker that got the last task. Full workers get
 * none.
 */
export class RoundRobinStrategy implements Strategy {
  readonly name = 'round-robin';
  readonly takesAny = true;
  #last = '';

  distribute(count: number, candidates: readonly Candidate[]): number[] {
    const order = inTurn(candidates, this.#last);
    const { given, last } = deal(
      count,
      candidates.map(({ free }) => free),
      order,
    );
    if (last !== null) this.#last = candidates[last]?.worker ?? this.#last;
    return given;
  }
}

/** Indexes of the candidates by name, beginning behind `last`. */
function inTurn(candidates: readonly Candidate[], last: string): number[] {
  const named = candidates.map(({ worker }, index) => ({ worker, index }));
  named.sort((a, b) => (a.worker < b.worker ? -1 : 1));
  const start = named.findIndex(({ worker }) => worker > last);
  const turned = start <= 0 ? named : [...named.slice(start), ...named.slice(0, start)];
  return turned.map(({ index }) => index);
}

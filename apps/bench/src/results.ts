import { cpus } from 'node:os';
import type { EnsembleResults } from './ensemble.js';
import type { Figure } from './figures/figure.js';
import type { Curve } from './figures/growth.js';
import type { Comparison } from './compare.js';

/** Everything that one run measured. */
export interface Results {
  at: string;
  machine: { cpu: string; cores: number; node: string; platform: string };
  quick: boolean;
  ensembles: EnsembleResults[];
  peers: PeerFigures | null;
  figures: Figure[];
  curves: Curve[];
}

/** Queues that people know, those that this machine can run; of the others the reason. */
export interface PeerFigures {
  rows: Comparison[];
  versions: string[];
  leftOut: string[];
}

export function noResults(quick: boolean): Results {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? '?',
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  };
  return { at: new Date().toISOString(), machine, quick, ensembles: [], peers: null, figures: [], curves: [] };
}

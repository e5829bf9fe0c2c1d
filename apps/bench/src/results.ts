import { cpus, totalmem } from 'node:os';
import type { Comparison } from './compare.js';
import type { Form } from './effort.js';
import type { EnsembleResults } from './ensemble.js';
import type { FigureRow } from './figures/figure.js';
import type { Curve } from './figures/growth.js';

/** Everything that one run measured, and nothing of another. */
export interface Results {
  at: string;
  form: Form;
  machine: { cpu: string; cores: number; memoryGib: number; node: string; platform: string };
  /** Versions of the servers. */
  versions: string[];
  ensembles: EnsembleResults[];
  peers: PeerFigures | null;
  figures: { part: string; rows: FigureRow[] }[];
  curves: Curve[];
  /** Medians of the figures that have a key, for programs. */
  named: Record<string, number>;
  /** Parts that failed, with the reason. */
  failed: { part: string; reason: string }[];
  /** How long each part took. */
  seconds: Record<string, number>;
  /** Absent parts were not asked for; of a run that was cut short some are missing. */
  finished: boolean;
}

/** Queues that people know, those that this machine can run; of the others the reason. */
export interface PeerFigures {
  rows: Comparison[];
  leftOut: string[];
}

export function noResults(form: Form): Results {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? '?',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: process.platform,
  };
  const empty = {
    versions: [],
    ensembles: [],
    peers: null,
    figures: [],
    curves: [],
    named: {},
    failed: [],
    seconds: {},
  };
  return { at: new Date().toISOString(), form, machine, ...empty, finished: false };
}

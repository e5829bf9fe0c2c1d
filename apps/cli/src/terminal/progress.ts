import cliProgress from 'cli-progress';
import { formatCount } from '../views/format.js';
import { escapeControls } from '@drover/core';
import { reveal, type Colors } from './colors.js';
import type { Output } from './output.js';

/** How far long work is; drawn on a terminal only, on stderr, and never with `--json`. */
export interface Progress {
  /** Something is drawn: notes belong there, since a line of their own would tear it. */
  readonly isShown: boolean;
  update(done: number, note?: string): void;
  /** Leaves the terminal as it was. May be called more than once. */
  stop(): void;
}

export const NO_PROGRESS: Progress = { isShown: false, update: () => undefined, stop: () => undefined };

export function startProgress(stderr: Output, about: { title: string; total: number; colors: Colors }): Progress {
  if (!stderr.isTerminal) return NO_PROGRESS;
  const { title, total, colors } = about;
  const bar = new cliProgress.SingleBar(
    {
      stream: stderr.stream,
      format: reveal(`${title} ${colors.cyan('{bar}')} {done}/{of}  {note}`, escapeControls),
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      fps: 10,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { done: '0', of: formatCount(total), note: '' });
  return {
    get isShown() {
      return bar.isActive;
    },
    update: (done, note = '') =>
      bar.update(done, { done: formatCount(done), of: formatCount(total), note: reveal(note, escapeControls) }),
    stop: () => bar.stop(),
  };
}

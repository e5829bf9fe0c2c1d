import type { Drover, TaskView } from '@drover/client';
import type { Environment } from '../command.js';
import { createColors } from '../terminal/colors.js';
import { describeWaiting } from '../views/waiting.js';

const FIRST_LOOK_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Says on stderr what a task waits for, each time that changes, with longer and longer pauses between two looks. Answers
 * what ends it. A look that fails is none: whoever waits for the task hears of it another way.
 */
export function watchTask(environment: Environment, drover: Drover, id: string): () => void {
  const { runtime, stderr, env } = environment;
  const { dim } = createColors(stderr.isTerminal, env);
  let said = '';
  let isOver = false;
  const look = async (pauseMs: number): Promise<void> => {
    const view: TaskView | null = await drover.get(id).catch(() => null);
    if (isOver) return;
    const text = view === null ? said : describeWaiting(view, runtime.now());
    if (text !== said && text !== '') stderr.note(dim(text));
    said = text;
    timer = lookAfter(Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS));
  };
  const lookAfter = (pauseMs: number) => runtime.after(pauseMs, () => void look(pauseMs));
  let timer = lookAfter(FIRST_LOOK_MS);
  return () => {
    isOver = true;
    timer.cancel();
  };
}

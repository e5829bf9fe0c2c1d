import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours on a terminal that has them, and nowhere else; https://no-color.org is honoured. */
export function createColors(isTerminal: boolean, env: NodeJS.ProcessEnv): Colors {
  const wanted = isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return picocolors.createColors(wanted);
}

export const NO_COLORS: Colors = picocolors.createColors(false);

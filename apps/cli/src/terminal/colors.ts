import { randomInt } from 'node:crypto';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * Numbers that this process drew mark the colour sequences that it made itself, so that the exit (`Output`) can tell
 * them from escape sequences in text of others, which it must not send to a terminal. A marked sequence still is one
 * for libraries that measure text: `ESC[<mark>;31m`.
 */
const MARK = `${randomInt(1_000, 10_000)};${randomInt(1_000, 10_000)};`;
const MARKED = new RegExp(`\\u001b\\[${MARK}(\\d{1,2}m)`, 'g');

/** Colours on a terminal that has them, and nowhere else; https://no-color.org is honoured. */
export function createColors(isTerminal: boolean, env: NodeJS.ProcessEnv): Colors {
  const wanted = isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return wanted ? marked(picocolors.createColors(true)) : NO_COLORS;
}

export const NO_COLORS: Colors = picocolors.createColors(false);

/**
 * The text for the terminal: keeps the colours that `createColors` made, and passes the text between them to `escape`.
 */
export function reveal(text: string, escape: Paint): string {
  return partsOf(text)
    .map((part, i) => (i % 2 === 0 ? escape(part) : `\u001b[${part}`))
    .join('');
}

/** Applies `change` to the text between the colours; the colours stay. */
export function betweenColors(text: string, change: Paint): string {
  return partsOf(text)
    .map((part, i) => (i % 2 === 0 ? change(part) : `\u001b[${MARK}${part}`))
    .join('');
}

/** Every second part is what a marked sequence ended with. */
const partsOf = (text: string): string[] => (text.includes(MARK) ? text.split(MARKED) : [text]);

type Paint = (text: string) => string;

/** The same functions, with marked sequences. */
function marked(colors: Colors): Colors {
  const entries = Object.entries(colors) as [string, boolean | Paint][];
  const all = entries.map(([name, paint]) => [name, typeof paint === 'boolean' ? paint : mark(paint)]);
  return Object.fromEntries(all) as Colors;
}

function mark(paint: Paint): Colors['red'] {
  const [open = '', close = ''] = paint('\0').split('\0');
  const marks = (sequence: string): string => sequence.replaceAll('\u001b[', `\u001b[${MARK}`);
  const [begin, end] = [marks(open), marks(close)];
  return (text) => {
    const inner = String(text);
    // Painted text inside may end with the same sequence, which would end this colour too: it is begun again there.
    return begin + (end === '' ? inner : inner.replaceAll(end, end + begin)) + end;
  };
}

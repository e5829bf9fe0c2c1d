import { createInterface } from 'node:readline';
import { unlessAborted } from '@drover/runtime';
import { flagArg, textArg, type Environment } from './command.js';
import { UsageError } from './failure.js';
import { contextOf } from './settings.js';
import { createColors } from './terminal/colors.js';
import { formatCount } from './views/format.js';

/** A change that is to be confirmed. */
export interface Question {
  /** Such as `cancel`. */
  verb: string;
  /** Such as `cancelled`. */
  done: string;
  /** Such as `12 tasks (3 pending, 9 running)`. */
  found: string;
  /** How many things it changes; above 1,000 this number is to be typed. Default: 1. */
  count?: number;
}

/** Above it `y` is too easy. */
const TYPED_ABOVE = 1_000;

/** The answer that is asked for, and the question; pure. */
export function questionOf(
  { verb, found, count = 1 }: Question,
  context: { name: string; confirm?: 'type-name' | undefined } | null,
): { text: string; isYes: (answer: string) => boolean } {
  if (context?.confirm === 'type-name')
    return {
      text: `${verb} ${found}? Type the name of the context: `,
      isYes: (answer) => answer.trim() === context.name,
    };
  if (count > TYPED_ABOVE)
    return {
      text: `${verb} ${found}? Type the number: `,
      isYes: (answer) => [String(count), formatCount(count)].includes(answer.trim()),
    };
  return { text: `${verb} ${found}? [y/N] `, isYes: (answer) => /^\s*y(es)?\s*$/i.test(answer) };
}

/**
 * Whether `--yes` was given, or somebody at a terminal says yes. Throws `UsageError` where nobody can be asked, and where
 * `--yes` is not enough: a context with `confirm` wants to be named on the command line then.
 */
export async function confirmed(environment: Environment, question: Question): Promise<boolean> {
  const { args, stdin, stderr, env } = environment;
  const context = contextOf(environment);
  const { found, done } = question;
  if (flagArg(args, 'yes')) {
    if (context?.confirm === undefined || textArg(args, 'context') === context.name) return true;
    throw new UsageError(
      `context '${context.name}' wants its name: ${found} would be ${done}; nothing was done: repeat the command with ` +
        `--context ${context.name} --yes`,
    );
  }
  if (stdin.isTTY !== true || !stderr.isTerminal)
    throw new UsageError(`${found} would be ${done}; nothing was done: repeat the command with --yes`);
  await stderr.flush();
  const { text, isYes } = questionOf(question, context);
  const paint = createColors(stderr.isTerminal, env)[context?.colour ?? 'bold'];
  const answer = await answerTo(`${context === null ? '' : `${paint(`[${context.name}]`)} `}${text}`, environment);
  // If stdin ends without an answer, the line of the question is ended here.
  if (answer === '\n') await stderr.writeNow(answer);
  return isYes(answer);
}

/** A line of stdin; a line feed alone at its end. The terminal stays as it is, so that Ctrl-C stops the process. */
async function answerTo(question: string, { stdin, stderr, signal }: Environment): Promise<string> {
  await stderr.writeNow(question);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await unlessAborted(
      new Promise<string>((resolve) => {
        lines.once('line', resolve).once('close', () => resolve('\n'));
      }),
      signal,
    );
  } finally {
    lines.close();
  }
}

import { PassThrough } from 'node:stream';
import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { createColors, NO_COLORS } from './colors.js';
import { Output } from './output.js';

async function written(terminal: boolean, write: (output: Output) => unknown): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY: terminal, columns: 80 });
  const output = new Output(stream as unknown as NodeJS.WriteStream, 'stdout', systemRuntime);
  await write(output);
  await output.flush();
  stream.end();
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

const HOSTILE = 'a\u001b[2J\u001b[31mred\u001b[0m\r\nforged \u009b1m\u202etxt\u0007';
const SHOWN = 'a\\u001b[2J\\u001b[31mred\\u001b[0m\\r\nforged \\u009b1m\\u202etxt\\u0007';

test('control characters of others leave escaped, at a terminal and in a pipe, in lines and at once', async (t) => {
  for (const terminal of [true, false]) {
    t.is(await written(terminal, (output) => output.line(HOSTILE)), `${SHOWN}\n`);
    t.is(await written(terminal, (output) => output.writeNow(HOSTILE)), SHOWN);
  }
});

test('our own colours are sent, nested ones too, and what is painted is still escaped', async (t) => {
  const colors = createColors(true, { TERM: 'xterm' });
  t.is(await written(true, (output) => output.line(colors.red('x'))), '\u001b[31mx\u001b[39m\n');
  t.is(
    await written(true, (output) => output.line(colors.red(`${HOSTILE} ${colors.bold('b')}`))),
    `\u001b[31m${SHOWN} \u001b[1mb\u001b[22m\u001b[39m\n`,
  );
  t.is(await written(false, (output) => output.line(NO_COLORS.red('x'))), 'x\n');
});

test('JSON keeps its value and holds no control character', async (t) => {
  const document = { [HOSTILE]: [HOSTILE, '\u2028\u0085\u2067\u007f'] };
  const text = await written(true, (output) => output.json(document));
  t.deepEqual(JSON.parse(text), document);
  t.regex(text, /^[\p{L}\p{N}\p{P}\p{S} ]+\n$/u);
});

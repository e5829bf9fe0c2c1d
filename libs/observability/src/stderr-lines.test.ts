import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { StderrLines } from './stderr-lines.js';

/** A reader that takes nothing until `drain` is emitted. */
class StalledSink extends EventEmitter {
  readonly lines: string[] = [];
  writableLength = 0;
  write(text: string | Uint8Array): void {
    this.lines.push(String(text));
    this.writableLength += text.length;
  }
}

test('what a reader does not take is kept up to a bound, then dropped and counted', (t) => {
  const sink = new StalledSink();
  const dropped: number[] = [];
  const stderr = new StderrLines(sink, (lines) => dropped.push(lines));
  const line = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 20; i++) stderr.write(line);
  t.is(sink.lines.length, 5);
  sink.writableLength = 0;
  sink.emit('drain');
  t.deepEqual(dropped, [15]);
  stderr.write('again');
  t.is(sink.lines.at(-1), 'again');
  t.notThrows(() => sink.emit('error', new Error('EPIPE')));
});

test('a process whose stderr nobody reads ends all the same', async (t) => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('./create-log.js', import.meta.url).href)};
    const log = createLog({ pretty: process.argv[1] === 'pretty' });
    for (let i = 0; i < 20_000; i++) log.event('process.stopping', { reason: 'r'.repeat(500) });
    setImmediate(() => process.exit(7));
  `;
  for (const how of ['json', 'pretty']) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, how], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    t.deepEqual(await once(child, 'exit'), [7, null]);
    child.stderr.destroy();
  }
});

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Teardown } from '@drover/testing';

export const BIN = fileURLToPath(new URL('../../bin/drover.js', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  cwd?: string;
  env?: Record<string, string>;
}

/** The real program, in a process of its own, with no settings but those given; schedulers serve an API only if asked. */
export function start(args: readonly string[], { cwd, env = {} }: RunOptions = {}): ChildProcess {
  // The environment of the test run is not passed on: it may have settings of Drover, or ask for colours.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DROVER_|FORCE_COLOR$)/.test(name));
  return spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), DROVER_API_LISTEN: 'off', ...env },
  });
}

export async function drover(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin?.end(options.input ?? '');
  return ended(child);
}

export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** The first line of its stdout, as JSON. */
export function firstDocument(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
    });
    child.once('close', (code) => reject(new Error(`it ended with ${String(code)} before it said anything`)));
  });
}

/** Waits for documents on its stdout by their `event`. Rejects when it ends before. */
export function eventsOf(child: ChildProcess): (event: string) => Promise<Record<string, unknown>> {
  const seen: Record<string, unknown>[] = [];
  const checks = new Set<() => void>();
  let isOver = false;
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => {
    seen.push(JSON.parse(line) as Record<string, unknown>);
    for (const check of checks) check();
  });
  lines.once('close', () => {
    isOver = true;
    for (const check of checks) check();
  });
  return (event) =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const at = seen.findIndex((document) => document.event === event);
        if (at < 0 && !isOver) return;
        checks.delete(check);
        if (at < 0) reject(new Error(`it ended before '${event}': ${JSON.stringify(seen)}`));
        // Each is told once.
        else resolve(seen.splice(at, 1)[0]!);
      };
      checks.add(check);
      check();
    });
}

export function documents(text: string): Record<string, unknown>[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function testFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-cli-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

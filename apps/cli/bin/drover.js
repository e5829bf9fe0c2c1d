#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { BUNDLE, isBundleCurrent } from './bundle.js';

// Loading takes a moment, and nothing is begun before its end: a signal ends the process as it does a command.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const stop = (signal) => {
  console.error(`drover: stopped by ${signal}`);
  process.exit(128 + constants.signals[signal]);
};
for (const signal of SIGNALS) process.on(signal, stop);

const main = isBundleCurrent() ? new URL('main.js', BUNDLE) : new URL('../dist/src/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error("drover: not built yet. Run 'npm install && npm run build' in the project's root first.");
  process.exit(1);
}
const { main: begin } = await import(main.href);
// `begin` listens by itself before it waits for anything.
for (const signal of SIGNALS) process.off(signal, stop);
await begin();

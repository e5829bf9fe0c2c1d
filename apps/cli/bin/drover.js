#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error("drover: not built yet. Run 'npm install && npm run build' in the project's root first.");
  process.exit(1);
}
await import(main.href);

import { run } from 'graphile-worker';
import pg from 'pg';
import { childReady, childSettings } from '../child.js';
import { graphilePreset } from './graphile.settings.js';
import type { Payload } from '../system.js';
import { ResultWriter } from './result-table.js';

const { url } = childSettings<{ url: string }>();
const results = new ResultWriter(new pg.Pool({ connectionString: url, max: 4 }));
await run({
  preset: graphilePreset(url),
  noHandleSignals: true,
  taskList: { task: (given) => results.write((given as Payload).i) },
});
childReady();

import { createReadStream } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * A source of large files: `list` gives their names and sizes, `read` the bytes of one from a position on. This one is a folder
 * that all workers can reach at the same path.
 */
export function folderSource(folder) {
  return {
    async *list() {
      for await (const entry of await opendir(folder, { recursive: true })) {
        if (!entry.isFile()) continue;
        const file = path.join(entry.parentPath ?? entry.path, entry.name);
        yield { name: path.relative(folder, file), bytes: (await stat(file)).size };
      }
    },
    read: (name, from) => createReadStream(path.join(folder, name), { start: from, highWaterMark: 1024 * 1024 }),
  };
}

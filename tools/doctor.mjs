// Writes docs/doctor.md from the table of checks. Build first.
import { writeFile } from 'node:fs/promises';
import { doctorDocument } from '../apps/cli/dist/src/doctor/document.js';

await writeFile(new URL('../docs/doctor.md', import.meta.url), doctorDocument());

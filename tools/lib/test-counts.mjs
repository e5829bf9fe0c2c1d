/** Name of the file with a project's counts of tests: `{"passed": 12, "failed": 0}`. */
export function countsFileName(projectName) {
  return `${projectName.replaceAll(/[^a-z0-9-]/gi, '_')}.json`;
}

const SUMMARY = /^# tests \d+$[^]*?^# pass (\d+)$[^]*?^# fail (\d+)$/m;

/** Whether the report has come to its summary. */
export function isComplete(tap) {
  return SUMMARY.test(tap);
}

/**
 * Counts a run of ava from its TAP report and its exit code. A run that ended badly has a failure even when no test of
 * it failed: it crashed, or ended before it counted.
 */
export function countTap(tap, exitCode) {
  const summary = SUMMARY.exec(tap);
  if (summary) {
    const [passed, failed] = [Number(summary[1]), Number(summary[2])];
    return { passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed };
  }
  const lines = tap.split('\n');
  const passed = lines.filter((line) => line.startsWith('ok ')).length;
  const failed = lines.filter((line) => line.startsWith('not ok ')).length;
  return { passed, failed: Math.max(failed, 1) };
}

/** The sum over all projects, and one failure for each check (build, lint, ...) that failed. */
export function sumCounts(projects, failedChecks) {
  const add = (key) => projects.reduce((sum, counts) => sum + counts[key], 0);
  const passed = add('passed');
  const failed = add('failed') + failedChecks;
  // Nothing at all is no success.
  return { passed, failed: passed === 0 && failed === 0 ? 1 : failed };
}

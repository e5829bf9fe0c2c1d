/**
 * All tests of the pages, in one process: they share a browser and a cluster, since starting these takes longer than most tests.
 * Each test works with queues, schedules and runs of its own.
 */
import './tasks.pages.js';
import './operators.pages.js';
import './flows.pages.js';
import './flow-runs.pages.js';
import './access.pages.js';
import './states.pages.js';

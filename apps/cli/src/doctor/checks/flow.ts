import { counted, formatCount, formatElapsed, showChange, tasksWait } from '../../views/format.js';
import { given, judged, problem, type Check, type Problem } from '../check.js';
import { isMissing } from '../facts.js';

const LONG_MS = 5 * 60_000;
/** Failures of one kind in ten minutes. */
const MANY_FAILURES = 20;
const LATELY_MINUTES = 10;

export const FLOW_CHECKS: readonly Check[] = [
  {
    code: 'unserved-types',
    area: 'flow',
    severity: 'fail',
    means: 'Tasks wait, and no worker offers their type.',
    cure: 'start a worker with a handler for it, or cancel the tasks',
    link: 'docs/why.md',
    judge: ({ cluster, api }) =>
      given(cluster, ({ status: { unservedTypes, unservedTypesLeftOut, workers } }) => {
        const offered = [...new Set(workers.flatMap(({ types }) => types))].sort();
        const some =
          offered.length === 0
            ? 'no worker runs'
            : `they offer ${offered.slice(0, 8).join(', ')}${offered.length > 8 ? ' and others' : ''}`;
        const counts = isMissing(api) || isMissing(api.overview) ? [] : api.overview.attention;
        const problems = unservedTypes.map((type): Problem => {
          const known = counts.find((entry) => entry.code === 'type-unserved' && entry.type === type);
          const pending = typeof known?.pending === 'number' ? `${tasksWait(known.pending)}, ` : '';
          return {
            text: `'${type}': ${pending}no worker offers it (${some})`,
            cure: `start a worker with a handler for it, or: drover cancel --filter 'type:${type} state:pending'`,
          };
        });
        if (unservedTypesLeftOut > 0) problems.push({ text: `and ${formatCount(unservedTypesLeftOut)} more types` });
        return judged(problems, 'every pending type is offered');
      }),
  },
  {
    code: 'paused-queues',
    area: 'flow',
    severity: 'warn',
    means: 'A queue is paused, and tasks wait in it.',
    cure: 'resume it when the reason is gone',
    link: 'docs/why.md',
    judge: ({ cluster, now }) =>
      given(cluster, ({ status: { queues } }) => {
        const paused = queues.filter((queue) => queue.paused && queue.pending > 0);
        return judged(
          paused.map(({ name, pending, pausedBy }): Problem => ({
            text: `${name}: ${tasksWait(pending)}; paused ${pausedBy === undefined ? '' : showChange(pausedBy, now)}`.trim(),
            cure: `drover resume ${name}, when the reason is gone`,
          })),
          'no paused queue has tasks',
        );
      }),
  },
  {
    code: 'oldest-wait',
    area: 'flow',
    severity: 'warn',
    means: 'A task has been due for more than five minutes, and nobody runs it.',
    cure: "'drover top' shows the queue, and 'drover why --queue QUEUE' the reasons",
    link: 'docs/why.md',
    judge: ({ api }) =>
      given(api, ({ overview }) =>
        given(overview, ({ oldestPendingMs }) => {
          if (oldestPendingMs === null) return { ok: 'nothing waits' };
          const text = `the oldest wait is ${formatElapsed(oldestPendingMs)}`;
          return oldestPendingMs > LONG_MS ? problem(text) : { ok: text };
        }),
      ),
  },
  {
    code: 'failing',
    area: 'flow',
    severity: 'warn',
    means: 'Attempts fail with the same error again and again.',
    cure: "'drover failures --group' has examples; pause the queue while it lasts",
    link: 'docs/dead-letters.md',
    judge: ({ api }) =>
      given(api, ({ failures }) =>
        given(failures, (groups) => {
          const lately = groups.flatMap(({ perMinute, type, error, message, queues }) => {
            const count = perMinute.slice(-LATELY_MINUTES).reduce((sum, each) => sum + each, 0);
            return count > MANY_FAILURES ? [{ count, type, error, message, queues }] : [];
          });
          return judged(
            lately.map(({ count, type, error, message, queues }) => ({
              text: `${type} in ${queues.join(', ')}: ${formatCount(count)} times in ten minutes, ${error}: ${message}`,
            })),
            'no error repeats itself',
          );
        }),
      ),
  },
  {
    code: 'intake',
    area: 'flow',
    severity: 'fail',
    means: 'No new tasks are accepted.',
    cure: 'let workers catch up, cancel what is not needed, or raise --max-pending-tasks of the schedulers',
    link: 'docs/operations.md#sizes',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { intake } }) => {
        if (intake === null) return { skipped: 'no leader has told it yet' };
        return intake.open ? { ok: 'new tasks are accepted' } : problem(intake.reason ?? intake.code ?? 'it is closed');
      }),
  },
  {
    code: 'full-queues',
    area: 'flow',
    severity: 'warn',
    means: 'A queue, or some of its tenants, takes no new tasks: its bound is reached.',
    cure: 'let workers catch up, or raise --max-pending of the queue',
    link: 'docs/order.md',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { queues } }) => {
        const problems = queues.flatMap(({ name, full, fullTenants, unfinished = 0 }): Problem[] => {
          if (full === true)
            return [{ text: `${name}: ${counted(unfinished, 'task')} are unfinished, submits are refused` }];
          return fullTenants === undefined
            ? []
            : [{ text: `${name}: submits of ${counted(fullTenants, 'tenant')} are refused` }];
        });
        return judged(problems, 'every queue takes tasks');
      }),
  },
  {
    code: 'fires-held',
    area: 'flow',
    severity: 'fail',
    means: 'No schedule fires.',
    cure: 'bring the clocks of ZooKeeper and of the schedulers together, or open the intake',
    link: 'docs/schedules.md',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { firesHeld } }) =>
        firesHeld === null ? { ok: 'schedules fire' } : problem(firesHeld.reason),
      ),
  },
  {
    code: 'retention-behind',
    area: 'flow',
    severity: 'warn',
    means: 'Finished batches stay longer than they should: ZooKeeper holds them in its memory.',
    cure: 'see write.refused in the log of the leader (mostly an ACL), and the load of ZooKeeper',
    link: 'docs/operations.md#sizes',
    judge: ({ cluster, now }) =>
      given(cluster, ({ status: { removalDueSince, removalsRefused = 0, leader } }) => {
        if (leader === null) return { skipped: 'nobody leads' };
        const problems: Problem[] = [];
        if (removalDueSince !== undefined)
          problems.push({ text: `a finished batch is to be removed since ${formatElapsed(now - removalDueSince)}` });
        if (removalsRefused > 0)
          problems.push({ text: `ZooKeeper refused to remove ${formatCount(removalsRefused)} of them` });
        return judged(problems, 'finished batches are removed in time');
      }),
  },
  {
    code: 'undeclared-limits',
    area: 'flow',
    severity: 'warn',
    means: 'Tasks name limits that nobody has declared: they limit nothing.',
    cure: 'declare them: drover limit set NAME --concurrency 10',
    link: 'docs/limits.md',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { undeclaredLimits = [] } }) =>
        judged(
          undeclaredLimits.map((name) => ({
            text: name,
            cure: `declare it: drover limit set ${name} --concurrency 10`,
          })),
          'every limit is declared',
        ),
      ),
  },
];

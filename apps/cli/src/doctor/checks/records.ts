import { counted, formatCount } from '../../views/format.js';
import { given, judged, problem, type Check } from '../check.js';

const ZNODES = 'docs/znodes.md';
/** Lines of one kind. */
const SHOWN = 20;

export const RECORD_CHECKS: readonly Check[] = [
  {
    code: 'unreadable-batches',
    area: 'records',
    severity: 'fail',
    means: 'The leader leaves batches alone because it cannot read them: their tasks do not run.',
    cure: 'its log says why (record.invalid); mostly a newer program wrote them: upgrade the schedulers',
    link: 'docs/operations.md#upgrading',
    judge: ({ cluster }) =>
      given(cluster, ({ status: { unreadableBatches = 0, leader } }) => {
        if (leader === null) return { skipped: 'nobody leads' };
        return unreadableBatches === 0
          ? { ok: 'it reads all batches' }
          : problem(`${counted(unreadableBatches, 'batch').replace(/batchs$/, 'batches')} cannot be read`);
      }),
  },
  {
    code: 'invalid-records',
    area: 'records',
    severity: 'fail',
    means: 'A znode does not hold the record that its place calls for.',
    cure: 'somebody wrote it by hand, or a newer program did; upgrade, or remove it by zkCli',
    link: ZNODES,
    judge: ({ records }) =>
      given(records, ({ invalid, read }) => {
        const shown = invalid.slice(0, SHOWN).map(({ path, why }) => ({ text: `${path}: ${why}` }));
        const more = invalid.length - shown.length;
        return judged(
          [...shown, ...(more > 0 ? [{ text: `and ${formatCount(more)} more` }] : [])],
          `${formatCount(read)} znodes are as they should be`,
        );
      }),
  },
  {
    code: 'orphaned-assignments',
    area: 'records',
    severity: 'warn',
    means: 'Assignments lie in the directory of a worker that is not registered any more.',
    cure: 'the leader revokes them within seconds: is there one?',
    link: ZNODES,
    judge: ({ records }) =>
      given(records, ({ orphans }) =>
        judged(
          orphans.slice(0, SHOWN).map((path) => ({ text: path })),
          'every assignment has a worker',
        ),
      ),
  },
  {
    code: 'full-directories',
    area: 'records',
    severity: 'warn',
    means: 'A directory has so many children that ZooKeeper will soon be unable to list it.',
    cure: 'keep fewer finished tasks (--retain-tasks, --retain-age), or submit larger batches',
    link: 'docs/operations.md#sizes',
    judge: ({ records }) =>
      given(records, ({ fullDirectories }) =>
        judged(
          fullDirectories.map(({ path, children }) => ({ text: `${path}: ${formatCount(children)} children` })),
          'every directory can be listed',
        ),
      ),
  },
];

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ScreenProps } from '../../app/screens.js';
import { now } from '../../data/clock.js';
import { useQuery } from '../../data/query.js';
import { Action } from '../../ui/action.js';
import { Empty } from '../../ui/empty.js';
import { count, counted } from '../../ui/format.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Until } from '../../ui/time.js';
import { ByWhom } from '../by-whom.js';
import type { LimitDoc } from '../shapes.js';
import { Shown } from '../shown.js';
import { Title } from '../title.js';
import { VerdictLine, type Verdict } from '../verdict.js';
import { HoldDialog } from './hold-dialog.js';
import { Keys } from './keys.js';
import { LimitDialog } from './limit-dialog.js';
import { askRelease, askRemove } from './limit-actions.js';
import { inWords, perWords, scopeWords } from './limit-words.js';

/** A limit: who waits for it, and until when. */
export default function Limit({ params }: ScreenProps): JSX.Element {
  const name = params.name ?? '';
  const query = useQuery('/v1/limits/:name', { name }, { topics: ['queues'], everyMs: 5_000 });
  return (
    <Page
      title={name}
      heading={<Title kind="Limit" name={name} />}
      actions={query.data && <Actions limit={query.data as LimitDoc} />}
    >
      <Shown of={query}>{(limit) => <Body limit={limit as LimitDoc} />}</Shown>
    </Page>
  );
}

function Actions({ limit }: { limit: LimitDoc }): JSX.Element {
  const [open, setOpen] = useState<'hold' | 'edit' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      {limit.heldUntil === null ? (
        <Action permission="operate" action="pause" icon="pause" onClick={() => setOpen('hold')}>
          Hold
        </Action>
      ) : (
        <Action
          permission="operate"
          action="pause"
          icon="play"
          tone="primary"
          onClick={() => askRelease(limit.name, null)}
        >
          End hold
        </Action>
      )}
      <Action permission="define" action="define" icon="settings" onClick={() => setOpen('edit')}>
        Edit
      </Action>
      <Action permission="define" action="define" icon="trash" onClick={() => askRemove(limit)}>
        Remove
      </Action>
      {open === 'hold' && <HoldDialog name={limit.name} limitKey={null} onClose={close} />}
      {open === 'edit' && <LimitDialog limit={limit} onClose={close} />}
    </>
  );
}

function Declared({
  limit: { spec, changedBy, revision },
}: {
  limit: Pick<LimitDoc, 'spec' | 'changedBy' | 'revision'>;
}): JSX.Element {
  return (
    <Facts
      items={[
        ['Allows', inWords(spec)],
        ['Counts', perWords(spec)],
        ['Holds for', scopeWords(spec)],
        ['Changed by', <ByWhom change={changedBy} />],
        ['Revision', String(revision)],
      ]}
    />
  );
}

function Body({ limit }: { limit: LimitDoc }): JSX.Element {
  const { spec, out, waiting, waitingKeys, heldUntil, changedBy, revision } = limit;
  // A caller who does not see all queues is told only the definition.
  if (!('keys' in limit)) return <Declared limit={limit} />;
  return (
    <>
      <VerdictLine of={verdictOf(limit, now.value)} testId="limit-sentence">
        {heldUntil === null ? undefined : (
          <>
            Held: nothing of it starts. The hold ends <Until at={heldUntil} />.
          </>
        )}
      </VerdictLine>
      <Facts
        items={[
          ['Allows', inWords(spec)],
          ['Counts', perWords(spec)],
          ['Holds for', scopeWords(spec)],
          ['Out', count(out), 'Tasks that are with workers under it'],
          [
            'Waiting',
            `${count(waiting)}${spec.per === 'all' ? '' : ` at ${counted(waitingKeys, 'key')}`}`,
            'Due tasks that wait for it',
          ],
          ['Changed by', <ByWhom change={changedBy} />],
          ['Revision', String(revision)],
        ]}
      />
      <Section
        title={spec.per === 'all' ? 'In use' : 'Busiest keys'}
        aside={limit.keysLeftOut > 0 && <span class="muted">and {count(limit.keysLeftOut)} more</span>}
      >
        {limit.keys.length === 0 ? (
          <Empty
            title="No task is under it now"
            command={`drover submit TYPE --limit ${limit.name}${spec.per === 'key' ? '/KEY' : ''}`}
          >
            {spec.on === null ? 'Tasks are under it when they name it.' : `It holds for ${scopeWords(spec)}.`}
          </Empty>
        ) : (
          <Keys limit={limit} />
        )}
      </Section>
    </>
  );
}

/** How a limit stands. Pure. */
export function verdictOf(
  { heldUntil, waiting, out }: Pick<LimitDoc, 'heldUntil' | 'waiting' | 'out'>,
  at: number,
): Verdict {
  if (heldUntil !== null && heldUntil > at)
    return { word: 'held', tone: 'warn', text: 'Nothing of it starts.', rank: 0 };
  if (waiting > 0)
    return {
      word: 'holds back',
      tone: 'info',
      text: `${counted(waiting, 'task')} ${waiting === 1 ? 'waits' : 'wait'} for it.`,
      rank: 1,
    };
  if (out > 0) return { word: 'has room', tone: 'ok', text: 'Nothing waits for it.', rank: 2 };
  return { word: 'idle', tone: 'mute', text: 'Nothing is under it now.', rank: 3 };
}

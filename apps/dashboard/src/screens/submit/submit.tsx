import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { place } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { Page } from '../../ui/page.js';
import { Known } from './known.js';
import { Options } from './options.js';
import { PayloadField } from './payload-field.js';
import { draftOf, type Draft } from './draft.js';
import { Snippets } from './snippets-view.js';
import { SubmitButtons } from './submit-buttons.js';

/** A new task: its type, its payload, its options, and the same as a command. */
export default function Submit(): JSX.Element {
  const { query } = place.value;
  const [draft, setDraft] = useState<Draft>(() => draftOf(query));
  const change = (some: Partial<Draft>): void => setDraft((before) => ({ ...before, ...some }));
  useTaskLike(query.get('like'), change);
  return (
    <Page title="Submit a task" lead="It is durable as soon as it has an id; a worker that offers its type runs it.">
      <div class="columns wide-left">
        <form class="stack" onSubmit={(event) => event.preventDefault()}>
          <Known draft={draft} onChange={change} />
          <PayloadField text={draft.payload} onText={(payload) => change({ payload })} />
          <Options options={draft.options} onOptions={(options) => change({ options })} />
          <SubmitButtons draft={draft} />
        </form>
        <Snippets draft={draft} />
      </div>
    </Page>
  );
}

/** Fills the form with what another task was submitted with. */
function useTaskLike(id: string | null, change: (some: Partial<Draft>) => void): void {
  const task = useQuery(id === null ? null : '/v1/tasks/:id', { id: id ?? '', payload: '1' });
  const { data } = task;
  useEffect(() => {
    if (data === undefined) return;
    const options = {
      queue: data.queue,
      ...(data.tenant === undefined ? {} : { tenant: data.tenant }),
      ...(data.priority === undefined ? {} : { priority: String(data.priority) }),
    };
    change({
      type: data.type,
      options,
      ...(data.payload === undefined ? {} : { payload: JSON.stringify(data.payload, null, 2) }),
    });
  }, [data?.id]);
}

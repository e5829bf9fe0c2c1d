import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { right } from '../../data/rights.js';
import { JsonView } from '../../ui/code.js';
import { Field } from '../../ui/field.js';
import { bytes, count } from '../../ui/format.js';
import { Facts, Section } from '../../ui/page.js';
import { At } from '../../ui/time.js';
import type { Znode } from '../shapes.js';
import { Shown } from '../shown.js';

/** One znode by its path. Its children are counted, never listed. */
export function ZnodeView(): JSX.Element {
  const allowed = right('administer', 'znode');
  const path = place.value.query.get('znode');
  const [text, setText] = useState(path ?? '/leader');
  const query = useQuery(path === null || !allowed.allowed ? null : '/v1/znode', { path: path ?? '/' });
  return (
    <Section title="Look at a znode">
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery({ znode: text });
        }}
      >
        <Field
          label="Path below the root"
          hint={allowed.allowed ? 'Such as /leader, /queues/mail, /workers' : allowed.why}
        >
          <input
            class="mono"
            value={text}
            disabled={!allowed.allowed}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Field>
        <button type="submit" disabled={!allowed.allowed} title={allowed.allowed ? undefined : allowed.why}>
          Look
        </button>
      </form>
      {path !== null && allowed.allowed && <Shown of={query}>{(znode) => <Content znode={znode} />}</Shown>}
    </Section>
  );
}

function Content({ znode: { data, bytes: size, stat, acl } }: { znode: Znode }): JSX.Element {
  return (
    <>
      <Facts
        items={[
          ['Size', bytes(size)],
          ['Version', String(stat.version)],
          ['Children', count(stat.children)],
          ['Made', <At at={stat.createdAt} />],
          ['Changed', <At at={stat.changedAt} />],
          ['Session', stat.ephemeralOwner ?? 'none: it stays'],
          ['Who may', acl.map(({ scheme, id, permissions }) => `${scheme}:${id} ${permissions}`).join(', ')],
        ]}
      />
      <JsonView value={data} what="data" />
    </>
  );
}

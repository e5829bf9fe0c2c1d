import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { apiAddress } from '../../data/base.js';
import { Code } from '../../ui/code.js';
import { Section } from '../../ui/page.js';
import { Tabs } from '../../ui/tabs.js';
import type { Draft } from './draft.js';
import { faultOf } from './json-fault.js';
import { asCommand, asCurl, asTypeScript } from './snippets.js';

const TABS = [
  { id: 'command', name: 'Command' },
  { id: 'curl', name: 'curl' },
  { id: 'typescript', name: 'TypeScript' },
];

/** The same task as a line for the shell, and as a program. */
export function Snippets({ draft }: { draft: Draft }): JSX.Element {
  const [tab, setTab] = useState('command');
  return (
    <Section title="The same by other means">
      <Tabs label="Other means" items={TABS} selected={tab} onSelect={setTab}>
        {faultOf(draft.payload) === null ? (
          <Code text={textOf(tab, draft)} what={tab} testId="snippet" />
        ) : (
          <p class="muted">The payload is no JSON yet.</p>
        )}
      </Tabs>
    </Section>
  );
}

function textOf(tab: string, draft: Draft): string {
  if (tab === 'curl') return asCurl(draft, location.origin + apiAddress('').replace(/\/$/, ''));
  return tab === 'typescript' ? asTypeScript(draft) : asCommand(draft);
}

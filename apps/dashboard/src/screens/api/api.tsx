import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { request, checked } from '../../data/api.js';
import { problemOf, type ApiProblem } from '../../data/problem.js';
import { Empty, Loading, Problem } from '../../ui/empty.js';
import { Page, Section } from '../../ui/page.js';
import { Search, found } from '../search.js';
import { groupsOf, type Group, type OpenApi } from './document.js';
import { OperationView } from './operation-view.js';
import { apiAddress } from '../../data/base.js';

/** The API as its own document tells it; reads can be tried with the rights of whoever looks. */
export default function Api(): JSX.Element {
  const { document, error } = useDocument();
  return (
    <Page
      title="API"
      lead={
        <>
          {document?.info?.title ?? 'HTTP API'} {document?.info?.version} ·{' '}
          <a href={apiAddress('/openapi.json')} target="_blank" rel="noreferrer">
            openapi.json
          </a>
        </>
      }
      actions={<Search label="Find an operation" />}
    >
      {error !== null && <Problem error={error} />}
      {error === null && document === null && <Loading />}
      {document !== null && <Groups groups={groupsOf(document)} />}
    </Page>
  );
}

function useDocument(): { document: OpenApi | null; error: ApiProblem | null } {
  const [document, setDocument] = useState<OpenApi | null>(null);
  const [error, setError] = useState<ApiProblem | null>(null);
  useEffect(() => {
    request('GET', '/openapi.json', {})
      .then(checked)
      .then((response) => response.json())
      .then(
        (read: OpenApi) => setDocument(read),
        (thrown: unknown) => setError(problemOf(thrown)),
      );
  }, []);
  return { document, error };
}

function Groups({ groups }: { groups: readonly Group[] }): JSX.Element {
  const typed = found();
  const fitting = groups
    .map(({ name, operations }) => ({
      name,
      operations: operations.filter(({ id, path, summary }) =>
        `${id} ${path} ${summary}`.toLowerCase().includes(typed),
      ),
    }))
    .filter(({ operations }) => operations.length > 0);
  if (fitting.length === 0)
    return <Empty title={`No operation has '${typed}' in it`}>Paths, names and summaries are searched.</Empty>;
  return (
    <>
      {fitting.map(({ name, operations }) => (
        <Section key={name} title={name}>
          <ul class="api-list">
            {operations.map((operation) => (
              <li key={`${operation.method} ${operation.path}`}>
                <OperationView operation={operation} />
              </li>
            ))}
          </ul>
        </Section>
      ))}
    </>
  );
}

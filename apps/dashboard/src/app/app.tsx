import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { about, aboutError, loadAbout, mustSignIn } from '../data/rights.js';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { Loading, Problem } from '../ui/empty.js';
import { Page } from '../ui/page.js';
import Overview from '../screens/overview.js';
import { SignIn } from '../screens/sign-in.js';
import { Link, place } from './router.js';
import { screenAt, type ScreenProps } from './screens.js';
import { Shell } from './shell.js';

export function App(): JSX.Element {
  if (mustSignIn.value) return <SignIn />;
  if (about.value === null && aboutError.value !== null)
    return (
      <main class="alone">
        <Problem error={aboutError.value} onRetry={loadAbout} />
      </main>
    );
  // Nothing is asked before it is known who the user is.
  if (about.value === null) return <Loading />;
  return (
    <Shell>
      <CurrentScreen />
    </Shell>
  );
}

function CurrentScreen(): JSX.Element {
  const { path } = place.value;
  if (path === '/') return <Overview />;
  const found = screenAt(path);
  if (found === null) return <NotFound />;
  return <Loaded key={found.entry.path} load={found.entry.load} params={found.params} />;
}

interface LoadedProps extends ScreenProps {
  load: () => Promise<{ default: ComponentType<ScreenProps> }>;
}

function Loaded({ load, params }: LoadedProps): JSX.Element {
  const [screen, setScreen] = useState<{ Screen?: ComponentType<ScreenProps>; error?: ApiProblem }>({});
  useEffect(() => {
    load().then(
      (module) => setScreen({ Screen: module.default }),
      (error: unknown) => setScreen({ error: problemOf(error) }),
    );
  }, [load]);
  const { Screen, error } = screen;
  // The server may have been replaced by another version, whose files have other names.
  if (error !== undefined) return <Problem error={error} onRetry={() => location.reload()} />;
  return Screen === undefined ? <Loading /> : <Screen params={params} />;
}

function NotFound(): JSX.Element {
  return (
    <Page title="Nothing here">
      <p>
        No screen has the address <code>{place.value.path}</code>. <Link to="/">The overview</Link> shows where
        everything is.
      </p>
    </Page>
  );
}

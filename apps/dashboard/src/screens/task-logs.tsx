import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { checked, request } from '../data/api.js';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { right } from '../data/rights.js';
import { linesOf } from '../data/text-stream.js';
import type { LogLine, LogSource, Task } from '../data/types.js';
import { download } from '../ui/code.js';
import { Empty, Loading, Problem } from '../ui/empty.js';
import { timeOfDay } from '../ui/format.js';
import { isOut } from './task-actions.js';

/** Lines; older ones are let go. */
const MOST_LINES = 2_000;
const TAIL = 500;

interface Log {
  source: LogSource | null;
  lines: readonly LogLine[];
  error: ApiProblem | null;
  isOver: boolean;
}
const NOTHING: Log = { source: null, lines: [], error: null, isOver: false };

/** Lines that an attempt wrote, and those that it writes while it runs. */
export function LogsTab({ task }: { task: Task }): JSX.Element {
  const isRunning = isOut(task.state);
  const latest = isRunning ? task.attempt : (task.history.at(-1)?.attempt ?? task.attempt);
  const [chosen, setChosen] = useState<number | null>(null);
  const [again, setAgain] = useState(0);
  const attempt = chosen ?? latest;
  const allowed = right('see-payloads');
  const log = useLog(allowed.allowed ? task.id : null, attempt, isRunning && attempt === latest, again);
  if (!allowed.allowed)
    return (
      <div class="problem info" role="note">
        <p>Logs are not shown to you: reading them {allowed.why}.</p>
      </div>
    );
  const attempts = [...new Set([...task.history.map((each) => each.attempt), ...(isRunning ? [task.attempt] : [])])];
  return (
    <>
      <div class="actions">
        <label class="inline">
          Attempt{' '}
          <select value={String(attempt)} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
            {attempts.map((each) => (
              <option key={each} value={String(each)}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={log.lines.length === 0}
          onClick={() => download(log.lines.map(({ text }) => text).join('\n'), `${task.id}.log`)}
        >
          Download
        </button>
        <Where log={log} isRunning={isRunning && attempt === latest} />
      </div>
      {log.error !== null && <Problem error={log.error} onRetry={() => setAgain(again + 1)} />}
      <Lines log={log} />
    </>
  );
}

function Where({ log: { source, isOver }, isRunning }: { log: Log; isRunning: boolean }): JSX.Element | null {
  if (source === null) return null;
  const from =
    source.source === 'worker'
      ? `from ${source.worker ?? 'its worker'}`
      : source.source === 'stored'
        ? 'the end that was kept'
        : '';
  return (
    <span class="muted small where">
      {from}
      {isRunning && !isOver && ', follows while it runs'}
      {source.url !== null && (
        <>
          {' '}
          <a href={source.url} rel="noreferrer" target="_blank">
            Open in the log system
          </a>
        </>
      )}
    </span>
  );
}

function Lines({ log: { source, lines, error, isOver } }: { log: Log }): JSX.Element | null {
  const box = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  if (source === null) return error === null ? <Loading text="Asking for the log" /> : null;
  if (lines.length === 0)
    return (
      <Empty title={isOver ? 'No line is there' : 'No line yet'}>
        {source.why ?? 'The handler has written nothing.'}
      </Empty>
    );
  return (
    <ol
      class="log"
      ref={box}
      tabIndex={0}
      aria-label="Log"
      onScroll={({ currentTarget: at }) =>
        void (isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 24)
      }
    >
      {lines.map(({ seq, at, level, text }) => (
        <li key={seq} class={level} data-testid="log-line">
          <time dateTime={new Date(at).toISOString()}>{timeOfDay(at)}</time>
          <span class="level">{level}</span>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}

function useLog(id: string | null, attempt: number, follows: boolean, again: number): Log {
  const [log, setLog] = useState(NOTHING);
  useEffect(() => {
    setLog(NOTHING);
    if (id === null) return;
    const abort = new AbortController();
    const change = (next: (before: Log) => Log): void => {
      if (!abort.signal.aborted) setLog(next);
    };
    readLog(id, attempt, follows, abort.signal, change).then(
      () => change((before) => ({ ...before, isOver: true })),
      (error: unknown) => change((before) => ({ ...before, error: problemOf(error) })),
    );
    return () => abort.abort();
  }, [id, attempt, follows, again]);
  return log;
}

async function readLog(
  id: string,
  attempt: number,
  follows: boolean,
  abort: AbortSignal,
  change: (next: (before: Log) => Log) => void,
): Promise<void> {
  const values = { id, tail: TAIL, ...(attempt > 0 ? { attempt } : {}), ...(follows ? { follow: '1' } : {}) };
  const headers = { accept: 'application/x-ndjson' };
  const response = await checked(await request('GET', '/v1/tasks/:id/logs', values, { signal: abort, headers }));
  for await (const line of linesOf(response)) {
    if (typeof line !== 'object' || line === null) continue;
    if ('source' in line) change((before) => ({ ...before, source: line as LogSource }));
    else change((before) => ({ ...before, lines: [...before.lines.slice(1 - MOST_LINES), line as LogLine] }));
  }
}

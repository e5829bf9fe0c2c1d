import { ItemGatherer, PLAN_LIMITS } from '@drover/flow';
import type { CallEnd } from '../execution/executor.js';
import { rejected } from '../execution/failure.js';
import { endOfReturned } from '../execution/result-text.js';
import { show } from '../execution/thrown.js';
import { StepRefusedError, type StepAsk } from './step-call.js';

/** Drafts that are being written at the same time: what comes meanwhile waits in its source. */
const IN_FLIGHT = 4;

/** The receiver of the items that a handler gives. */
export interface ItemSink {
  readonly signal: AbortSignal;
  ask(what: Extract<StepAsk, { kind: 'draft' }>): Promise<unknown>;
}

/**
 * Writes the list that a handler gives as drafts, in order, as fast as ZooKeeper takes them: only so many are held as are on
 * their way. Resolves with how the task ends. Rejects with what the list throws, with `StepRefusedError`, and with the reason
 * of the signal; the list is closed then.
 */
export async function expand(returned: unknown, sink: ItemSink): Promise<CallEnd> {
  const list = listOf(returned);
  if (list === null) return notAList(returned);
  const gatherer = new ItemGatherer();
  const flying = new Set<Promise<unknown>>();
  const write = async (full: { from: number; items: string[] } | null): Promise<void> => {
    if (full === null) return;
    if (flying.size >= IN_FLIGHT) await Promise.race(flying);
    const writing = sink.ask({ kind: 'draft', ...full }).then(() => void flying.delete(writing));
    flying.add(writing);
    writing.catch(() => undefined);
  };
  for await (const item of list) {
    sink.signal.throwIfAborted();
    if (gatherer.count >= PLAN_LIMITS.items) throw tooManyItems();
    const json = jsonOf(item, gatherer.count);
    await write(gatherer.add(json, Buffer.byteLength(json)));
  }
  const { count } = gatherer;
  await write(gatherer.take());
  await Promise.all(flying);
  return { outcome: 'succeeded', result: JSON.stringify({ items: count }), step: { expanded: count } };
}

function listOf(value: unknown): Iterable<unknown> | AsyncIterable<unknown> | null {
  const isIterable =
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
  return isIterable ? (value as Iterable<unknown> | AsyncIterable<unknown>) : null;
}

const notAList = (value: unknown): CallEnd =>
  rejected(
    'NotAListError',
    `the handler gave ${show(value)}: a map goes over what this step gives, so a list or an iterable was expected`,
  );

const tooManyItems = (): StepRefusedError =>
  new StepRefusedError({
    name: 'TooManyItemsError',
    message: `the list has more than ${PLAN_LIMITS.items} items: let each item stand for several`,
    retryable: false,
  });

function jsonOf(item: unknown, at: number): string {
  const end = endOfReturned(item);
  if (end.outcome === 'succeeded') return end.result;
  const { name, message } = 'error' in end ? end.error : { name: 'Error', message: end.outcome };
  throw new StepRefusedError({ name, message: `item ${at} of the list: ${message}`, retryable: false });
}

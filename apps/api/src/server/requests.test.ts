import { EventEmitter, getEventListeners } from 'node:events';
import test from 'ava';
import type { FastifyReply } from 'fastify';
import { hangUp } from './requests.js';

const replyOf = (state: { destroyed: boolean }): { reply: Pick<FastifyReply, 'raw'>; raw: EventEmitter } => {
  const raw = Object.assign(new EventEmitter(), { closed: false, ...state });
  return { reply: { raw } as unknown as Pick<FastifyReply, 'raw'>, raw };
};

test('a request that is over leaves nothing at the signal of the server', (t) => {
  const stopping = new AbortController();
  const { reply, raw } = replyOf({ destroyed: false });
  const signal = hangUp(reply, stopping.signal);
  t.is(getEventListeners(stopping.signal, 'abort').length, 1);
  t.false(signal.aborted);
  raw.emit('close');
  t.true(signal.aborted);
  t.is(getEventListeners(stopping.signal, 'abort').length, 0);
});

test('a client that went before it was looked is gone', (t) => {
  const { signal } = new AbortController();
  t.true(hangUp(replyOf({ destroyed: true }).reply, signal).aborted);
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('a server that stops ends every wait', (t) => {
  const stopping = new AbortController();
  const signal = hangUp(replyOf({ destroyed: false }).reply, stopping.signal);
  stopping.abort(new Error('it stops'));
  t.true(signal.aborted);
  t.true(hangUp(replyOf({ destroyed: false }).reply, stopping.signal).aborted);
});

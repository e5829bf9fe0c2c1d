import { changedNumberProblem } from '@drover/core';
import { inBackground, toldElsewhere } from '@drover/runtime';
import type { FastifyInstance } from 'fastify';
import { ApiError } from '../api-error.js';

/**
 * Reads JSON bodies as fastify does, and refuses numbers that JavaScript cannot hold: what is kept, and what a handler is given,
 * would be another number than what was sent.
 */
export function addJsonParser(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    const read = parse(request, text, (error, value) => {
      const problem = error === null ? changedNumberProblem(text) : null;
      const expected = 'numbers that a double holds';
      done(problem === null ? error : new ApiError('invalid-argument', problem, { field: 'body', expected }), value);
    });
    // The parser has told its outcome by then, also where it returns a promise.
    if (read instanceof Promise) inBackground(read, toldElsewhere);
  });
}

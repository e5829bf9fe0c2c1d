import * as z from 'zod';
import { route } from '../route.js';

const text = { media: 'text/plain' } as const;
const verbose = z.strictObject({ verbose: z.string().optional(), leader: z.string().optional() });

export const PROBES = [
  route({
    name: 'livez',
    method: 'GET',
    path: '/livez',
    summary: 'Whether the process is alive: its threads answer',
    permission: null,
    answeredBy: 'any',
    query: verbose,
    answers: { 200: text, 503: text },
    errors: [],
  }),
  route({
    name: 'readyz',
    method: 'GET',
    path: '/readyz',
    summary: 'Whether it takes part: its session lives; `?leader`: whether it leads',
    permission: null,
    answeredBy: 'any',
    query: verbose,
    answers: { 200: text, 503: text },
    errors: [],
  }),
  route({
    name: 'startupz',
    method: 'GET',
    path: '/startupz',
    summary: 'Whether it has been connected to ZooKeeper once',
    permission: null,
    answeredBy: 'any',
    query: verbose,
    answers: { 200: text, 503: text },
    errors: [],
  }),
  route({
    name: 'metrics',
    method: 'GET',
    path: '/metrics',
    summary: "Metrics in Prometheus' text format",
    permission: 'read-metrics',
    answeredBy: 'any',
    answers: { 200: text },
    errors: [],
  }),
  route({
    name: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This API as an OpenAPI 3.1 document',
    permission: null,
    answeredBy: 'any',
    answers: { 200: { media: 'application/json' } },
    errors: [],
  }),
] as const;

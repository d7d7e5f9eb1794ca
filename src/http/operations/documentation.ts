import { z } from 'zod';
import { Refusal } from '../../services/refusal.ts';
import { operation } from '../operation.ts';
import { problemTypes } from '../problems.ts';

const tag = 'Documentation';
const cacheControl = 'public, max-age=300';

export const documentationOperations = [
  operation({
    id: 'getOpenApi',
    method: 'get',
    path: '/v1/openapi.json',
    tag,
    summary: 'This document',
    scope: null,
    rate: 'read',
    cacheControl,
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
    refusals: [],
    handle: ({ document }) => ({ status: 200, body: document() }),
  }),
  operation({
    id: 'getProblemType',
    method: 'get',
    path: '/v1/problems/{slug}',
    tag,
    summary: 'What a kind of error means and how to mend it',
    scope: null,
    rate: 'read',
    cacheControl,
    params: z.object({
      slug: z
        .string()
        .regex(/^[a-z-]{1,60}$/)
        .meta({ description: 'Last part of a problem’s `type`' }),
    }),
    answers: {
      200: {
        description: 'The kind of error',
        schema: z.object({ type: z.string(), title: z.string(), status: z.int(), about: z.string() }),
      },
    },
    refusals: ['not-found'],
    handle: (_service, { params: { slug } }) => {
      const found = Object.entries(problemTypes).find(([code]) => code === slug);
      if (found === undefined) throw new Refusal('not-found', `There is no problem type ${slug}.`);
      const [code, { status, title, about }] = found;
      return { status: 200, body: { type: `/v1/problems/${code}`, title, status, about } };
    },
  }),
];

import { z } from 'zod';
import { apiKeyId, createApiKey, findApiKeys, revokeApiKey, scopes } from '../../services/api-keys.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { idOf, pageOf, paging } from '../schemas/parameters.ts';

const tag = 'Keys';
const instant = z.iso.datetime();
const view = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  created_at: instant,
  expires_at: instant,
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
};
const request = z.strictObject({
  name: z
    .string('a name')
    .min(1, 'a name of 1 to 120 characters')
    .max(120, 'a name of 1 to 120 characters')
    .regex(/^\P{C}*$/u, 'text without control characters')
    .describe('What the key is for'),
  scopes: z
    .array(z.enum(scopes, `one of ${scopes.join(', ')}`), 'a list of scopes')
    .min(1, 'at least one scope')
    .max(scopes.length, 'each scope once'),
  ttl_days: z.int('whole days from 1 to 365').min(1, 'from 1 to 365').max(365, 'from 1 to 365').optional(),
});

export const apiKeyOperations = [
  operation({
    id: 'createApiKey',
    method: 'post',
    path: '/v1/api-keys',
    tag,
    summary: 'Make a key',
    description: 'The key itself is in this answer only; nobody can read it again, also not by repeating the request.',
    scope: 'admin',
    rate: 'write',
    makes: true,
    body: {
      check: request,
      schema: request,
      yaml: false,
      example: { name: 'Finance sheet', scopes: ['read'], ttl_days: 90 },
    },
    answers: {
      201: {
        description: 'The key, shown once',
        schema: z.object({ ...view, key: z.string().nullable() }),
        headers: ['Location'],
      },
    },
    refusals: ['validation-failed', 'limit-exceeded'],
    handle: async ({ app }, { body }) => {
      const made = await createApiKey(app, body);
      return {
        status: 201,
        body: made,
        repeatedBody: { ...made, key: null },
        headers: { Location: `/v1/api-keys/${made.id}` },
      };
    },
  }),
  operation({
    id: 'listApiKeys',
    method: 'get',
    path: '/v1/api-keys',
    tag,
    summary: 'List keys, newest first, without their secrets',
    scope: 'admin',
    rate: 'read',
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(z.object(view)), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/api-keys', query, await findApiKeys(app, query)),
  }),
  operation({
    id: 'revokeApiKey',
    method: 'delete',
    path: '/v1/api-keys/{id}',
    tag,
    summary: 'Revoke a key at once',
    scope: 'admin',
    rate: 'write',
    params: idOf(apiKeyId, 'key'),
    answers: { 204: { description: 'Revoked' } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => {
      await revokeApiKey(app, id);
      return { status: 204 };
    },
  }),
];

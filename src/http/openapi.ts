import { z } from 'zod';
import type { ZodOpenApiObject, ZodOpenApiOperationObject } from 'zod-openapi';
import { createDocument } from 'zod-openapi';
import type { AnswerDescription, Operation } from './operation.ts';
import type { ProblemType } from './problems.ts';
import { problemTypes } from './problems.ts';

const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    request_id: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('RFC 6901, into what was sent'),
          code: z.string(),
          detail: z.string(),
          limit: z.string().optional(),
          suggestions: z.array(z.string()).optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const headerTexts = {
  ETag: 'Names exactly this answer; send it in If-None-Match or If-Match',
  Location: 'Address of what was made',
  Link: 'Address of the next page, rel="next"',
  'Content-Disposition': 'File name',
} as const;

/** The OpenAPI 3.1 document of the operations, from the very schemas that requests are checked with. */
export function describeOperations(operations: readonly Operation[], publicUrl: string | null): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'infercast',
      version: '1.0.0',
      description:
        'Forecasts what LLM inference costs per month on hardware you own and on every kind of cloud. Money and shares are decimal text; unknown is null with a reason. Errors are RFC 9457 problems.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl ?? '/' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'ifc_live_…' } } },
    paths: paths as NonNullable<ZodOpenApiObject['paths']>,
  });
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, scope, params, query, body, file } = operation;
  const header = headersOf(operation);
  const requestParams = {
    ...(params === undefined ? {} : { path: params as z.ZodObject }),
    ...(query === undefined ? {} : { query: query as z.ZodObject }),
    ...(header === null ? {} : { header }),
  };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(scope === null ? { security: [] } : { security: [{ key: [] }, {}], 'x-scope': scope }),
    requestParams,
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: {
              ...(body.text === undefined || body.text.mediaTypes.includes('application/json')
                ? { 'application/json': { schema: body.schema, example: body.example } }
                : {}),
              ...(body.text?.mediaTypes.includes('text/csv') ? { 'text/csv': { schema: z.string() } } : {}),
              ...(body.yaml ? { 'application/yaml': { schema: body.schema } } : {}),
            },
          },
        }),
    ...(file === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(file.mediaTypes.map((type) => [type, { schema: bytesOf(type) }])),
          },
        }),
    responses: { ...describeAnswers(operation), ...describeRefusals(operation) },
  };
}

function headersOf({ changes, makes }: Operation): z.ZodObject | null {
  if (changes === true)
    return z.object({ 'If-Match': z.string().meta({ description: 'ETag of the version you read' }) });
  if (makes !== true) return null;
  const key = z.string().min(1).max(200).optional();
  return z.object({
    'Idempotency-Key': key.meta({ description: 'Repeat a request safely: the first answer is kept for 24 hours' }),
  });
}

function describeAnswers({ answers }: Operation): NonNullable<ZodOpenApiOperationObject['responses']> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]));
}

function describeAnswer({ description, schema, mediaType, headers }: AnswerDescription) {
  const type = (mediaType ?? 'application/json').split(';')[0] ?? 'application/json';
  const named = (headers ?? []).map((name) => [
    name,
    { description: headerTexts[name], schema: { type: 'string' as const } },
  ]);
  return {
    description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(schema === undefined && mediaType === undefined
      ? {}
      : { content: { [type]: { schema: schema ?? bytesOf(type) } } }),
  };
}

function bytesOf(type: string) {
  return type.startsWith('text/') ? { type: 'string' as const } : { type: 'string' as const, contentMediaType: type };
}

/** What may go wrong with it, by status: its own refusals and those every request of its kind may meet. */
function describeRefusals(operation: Operation): NonNullable<ZodOpenApiOperationObject['responses']> {
  const codes = new Set([
    ...operation.refusals,
    ...(operation.scope === null ? [] : (['unauthenticated', 'missing-scope', 'rate-limited'] as const)),
    ...(operation.params === undefined ? [] : (['not-found'] as const)),
    ...(operation.body === undefined && operation.file === undefined
      ? []
      : ([
          'malformed-json',
          'body-too-large',
          'unsupported-media-type',
          'validation-failed',
          'limit-exceeded',
        ] as const)),
    ...(operation.makes === true
      ? (['idempotency-key-invalid', 'idempotency-in-progress', 'idempotency-key-reused'] as const)
      : []),
    ...(['invalid-parameter', 'csrf', 'not-acceptable', 'misdirected-request', 'internal', 'unavailable'] as const),
  ]);
  const byStatus = new Map<number, string[]>();
  for (const code of [...codes].sort()) {
    const { status, title }: ProblemType = problemTypes[code];
    if (status in operation.answers) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join('. '), content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
}

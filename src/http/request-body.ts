import type { Request, Response } from 'express';
import express from 'express';
import { problemOf } from '../core/scenario/fault.ts';
import { findLimitFaults } from '../core/scenario/input-limits.ts';
import { parseJsonText, parseYamlText } from '../services/forecasts/scenario-text.ts';
import { Refusal, refuseInput } from '../services/refusal.ts';
import type { BodyDescription } from './operation.ts';

export type BodyReader = (
  request: Request,
  response: Response,
  description: Pick<BodyDescription<unknown>, 'yaml' | 'text'>,
) => Promise<{ bytes: Uint8Array; value: unknown }>;

const longestBodyMs = 30_000;

const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/**
 * Reads bodies uncompressed, in UTF-8, and of at most `limitBytes`: as JSON, or where it says so YAML, and not too deep;
 * or as text, with the limit of the operation.
 */
export function makeBodyReader(limitBytes: number): BodyReader {
  const raw = (limit: number) => express.raw({ type: () => true, limit, inflate: false });
  const readRaw = raw(limitBytes);
  return async (request, response, { yaml, text }) => {
    const parse = text === undefined ? requireMediaType(request, yaml) : requireText(request, text.mediaTypes);
    const read = text === undefined ? readRaw : raw(Math.max(limitBytes, text.limitBytes));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        response.set('Connection', 'close');
        reject(new Refusal('malformed-json', `The body did not come within ${longestBodyMs / 1000} s.`));
      }, longestBodyMs);
      read(request, response, (error?: unknown) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    const bytes: Uint8Array = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const value = parse(decode(bytes));
    const faults = text === undefined ? findLimitFaults(value) : [];
    if (faults.length > 0) throw refuseInput(faults.map(problemOf));
    return { bytes, value };
  };
}

function requireText(request: Request, supported: readonly string[]): (text: string) => unknown {
  const { type, utf8 } = sentType(request);
  if (utf8 && supported.includes(type)) return (text) => text;
  throw new Refusal('unsupported-media-type', `Send Content-Type: ${supported.join(' or ')}, in UTF-8.`, {
    members: { supported },
  });
}

function sentType(request: Request): { readonly type: string; readonly utf8: boolean } {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const utf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter),
  );
  return { type, utf8 };
}

function requireMediaType(request: Request, yaml: boolean): (text: string) => unknown {
  const { type: sent, utf8 } = sentType(request);
  if (utf8 && sent === 'application/json') return parseJsonText;
  if (utf8 && yaml && yamlTypes.includes(sent)) return parseYamlText;
  const supported = ['application/json', ...(yaml ? yamlTypes.slice(0, 1) : [])];
  throw new Refusal('unsupported-media-type', `Send Content-Type: ${supported.join(' or ')}, in UTF-8.`, {
    members: { supported },
  });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('malformed-json', 'The body is not UTF-8 text.', { cause });
  }
}

import type { Request, Response } from 'express';
import express from 'express';
import { problemOf } from '../core/scenario/fault.ts';
import { findLimitFaults } from '../core/scenario/input-limits.ts';
import { Refusal, refuseInput } from '../services/refusal.ts';
import { parseJsonText, parseYamlText } from '../services/scenario-text.ts';

export type BodyReader = (
  request: Request,
  response: Response,
  yaml: boolean,
) => Promise<{ bytes: Uint8Array; value: unknown }>;

const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Reads bodies of at most `limitBytes`, uncompressed, in UTF-8, as JSON or where it says so YAML, and not too deep. */
export function makeBodyReader(limitBytes: number): BodyReader {
  const readRaw = express.raw({ type: () => true, limit: limitBytes, inflate: false });
  return async (request, response, yaml) => {
    const parse = requireMediaType(request, yaml);
    await new Promise<void>((resolve, reject) => {
      readRaw(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    });
    const bytes: Uint8Array = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const value = parse(decode(bytes));
    const faults = findLimitFaults(value);
    if (faults.length > 0) throw refuseInput(faults.map(problemOf));
    return { bytes, value };
  };
}

function requireMediaType(request: Request, yaml: boolean): (text: string) => unknown {
  const [sent = '', ...parameters] = (request.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const utf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter),
  );
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

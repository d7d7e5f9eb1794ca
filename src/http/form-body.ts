import { z } from 'zod';
import type { BodyDescription } from './operation.ts';

/** What a form of a page sends: texts by name, of which a name may have several. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

const mostFields = 200;

const fields = z.string().transform((text, context): FormFields => {
  const sent = new URLSearchParams(text);
  if (sent.size > mostFields) {
    context.addIssue(`a form of at most ${mostFields} fields`);
    return z.NEVER;
  }
  return new Map([...new Set(sent.keys())].map((name) => [name, sent.getAll(name)]));
});

/** The body of a page's form, as browsers send one without files. */
export const formBody: BodyDescription<FormFields> = {
  check: fields,
  schema: fields,
  yaml: false,
  text: { mediaTypes: ['application/x-www-form-urlencoded'], limitBytes: 65_536 },
  example: '',
};

/** The text of a field without space around it; undefined where it is empty or was not sent. */
export function fieldOf(form: FormFields, name: string): string | undefined {
  const text = form.get(name)?.[0]?.trim();
  return text === '' ? undefined : text;
}

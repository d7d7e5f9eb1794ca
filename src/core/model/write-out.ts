/**
 * Writes out definitions that differ in one word: `for: {class: [batch, flex]}` on a row stands for two rows, and
 * `{class}` in any of its texts for the word. Definitions without `for` stay as they are. Unchecked: what comes out is
 * read by the schema.
 */
export function writeOut(definitions: unknown): unknown {
  if (!Array.isArray(definitions)) return definitions;
  return definitions.flatMap((definition: unknown): readonly unknown[] => {
    if (!isRecord(definition) || !isRecord(definition.for)) return [definition];
    const { for: varying, ...text } = definition;
    return Object.entries(varying).reduce<readonly unknown[]>(
      (written, [word, values]) =>
        written.flatMap((one) =>
          (Array.isArray(values) ? values : []).map((value) => replaced(one, word, String(value))),
        ),
      [text],
    );
  });
}

function replaced(value: unknown, word: string, by: string): unknown {
  if (typeof value === 'string') return value.replaceAll(`{${word}}`, by);
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, word, by));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, word, by)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

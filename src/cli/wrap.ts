/** Text in lines of at most `width` characters; lines after the first are indented. */
export function wrap(
  text: string,
  { width = 100, indent = '' }: { readonly width?: number; readonly indent?: string } = {},
): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => `${each.trimEnd()}\n`).join('');
}

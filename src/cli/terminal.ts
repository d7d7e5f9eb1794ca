import pc from 'picocolors';
import { writesUtf8 } from './environment.ts';

/** How text reaches the reader: with or without colours and characters beyond ASCII. */
export type Terminal = {
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Replaces box lines, dashes and signs where the locale is not UTF-8; names in other scripts stay as they are. */
  readonly plain: (text: string) => string;
};

/** `color: false` is --no-color; NO_COLOR, FORCE_COLOR and TERM are honoured as Node does. */
export function terminalOf({ color }: { readonly color: boolean }): Terminal {
  const colored = color && process.stdout.isTTY === true && process.stdout.hasColors();
  return { colors: pc.createColors(colored), plain: writesUtf8() ? (text) => text : toAscii };
}

/** Without colours: what a file or a pipe gets. */
export const plainTerminal: Terminal = { colors: pc.createColors(false), plain: (text) => text };

const inAscii: Readonly<Record<string, string>> = {
  '├─': '|-',
  '└─': '`-',
  '│': '|',
  '─': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '·': '-',
  '×': 'x',
  '÷': '/',
  '±': '+/-',
  '≤': '<=',
  '≥': '>=',
  '…': '...',
  '’': "'",
  '“': '"',
  '”': '"',
  '→': '->',
  '✓': 'ok',
  '✗': 'x',
  '\u00a0': ' ',
  '\u202f': ' ',
};

const beyondAscii = new RegExp(Object.keys(inAscii).join('|'), 'g');

function toAscii(text: string): string {
  return text.replace(beyondAscii, (sign) => inAscii[sign] ?? sign);
}

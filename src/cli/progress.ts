import type { Terminal } from './terminal.ts';

/** How far a long command is, on one line of stderr that is wiped at the end; silent where nobody watches. */
export type Progress = {
  readonly show: (done: number, total: number, what: string) => void;
  readonly say: (what: string) => void;
  readonly end: () => void;
};

const width = 24;

export function openProgress({ plain, colors }: Terminal): Progress {
  if (process.stderr.isTTY !== true) return { show: () => {}, say: () => {}, end: () => {} };
  const write = (text: string): void => {
    process.stderr.write(`\r\u001b[2K${text}`);
  };
  let shown = '';
  return {
    show: (done, total, what) => {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(share * width);
      const bar = `${plain('─').repeat(full)}${' '.repeat(width - full)}`;
      const text = `[${colors.bold(bar)}] ${Math.floor(share * 100)} % ${what}`;
      if (text !== shown) write(text);
      shown = text;
    },
    say: (what) => write(plain(what)),
    end: () => write(''),
  };
}

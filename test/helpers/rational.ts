/** A fraction of whole numbers: arithmetic that shares no code with what it checks, and never rounds. */
export type Rational = { readonly over: bigint; readonly under: bigint };

/**
 * The exact value of plain arithmetic such as `(100 - 2.5) * 3 / 7`: decimals, + - * /, brackets, and `round(x, digits)`
 * half away from zero.
 */
export function rationalOf(text: string): Rational {
  const tokens = text.match(/\d+(?:\.\d+)?|round|[-+*/(),]/g) ?? [];
  if (tokens.join('') !== text.replaceAll(' ', '')) throw new Error(`not plain arithmetic: ${text}`);
  let at = 0;
  const sum = (): Rational => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = tokens[at++] === '+' ? 1n : -1n;
      const next = product();
      value = { over: value.over * next.under + sign * next.over * value.under, under: value.under * next.under };
    }
    return value;
  };
  const product = (): Rational => {
    let value = single();
    while (tokens[at] === '*' || tokens[at] === '/') {
      const times = tokens[at++] === '*';
      const next = single();
      value = times
        ? { over: value.over * next.over, under: value.under * next.under }
        : { over: value.over * next.under, under: value.under * next.over };
    }
    return value;
  };
  const single = (): Rational => {
    const token = tokens[at++];
    if (token === '-') {
      const value = single();
      return { over: -value.over, under: value.under };
    }
    if (token === '(') {
      const value = sum();
      at++;
      return value;
    }
    if (token === 'round') {
      at++;
      const value = sum();
      at++;
      const digits = Number(tokens[at++]);
      at++;
      return decimal(textOf(value, digits));
    }
    return decimal(token ?? '');
  };
  const value = sum();
  if (at < tokens.length) throw new Error(`left over after ${at} tokens: ${text}`);
  return value;
}

/** The value with that many decimals, half away from zero. */
export function textOf({ over, under }: Rational, digits: number): string {
  const negative = over < 0n !== under < 0n && over !== 0n;
  const [a, b] = [over < 0n ? -over : over, under < 0n ? -under : under];
  const scaled = (2n * a * 10n ** BigInt(digits) + b) / (2n * b);
  const padded = scaled.toString().padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits);
  return (
    (negative && scaled !== 0n ? '-' : '') + whole + (digits === 0 ? '' : `.${padded.slice(padded.length - digits)}`)
  );
}

function decimal(text: string): Rational {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const over = BigInt(whole + fraction);
  return { over: negative ? -over : over, under: 10n ** BigInt(fraction.length) };
}

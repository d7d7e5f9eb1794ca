/** Decimal text as the forecast writes it. */
export type Figure = string;

/** `$1,234.50`: exact, with the currency's own decimals. */
export function moneyText(amount: Figure, currency: string): string {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(amount as `${number}`);
}

/** `$31,447` from a thousand up and `$849.45` below: what is read at a glance needs no cents. */
export function shortMoneyText(amount: Figure, currency: string): string {
  const large = Math.abs(Number(amount)) >= 1000;
  const digits = large ? { maximumFractionDigits: 0 } : {};
  return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...digits }).format(amount as `${number}`);
}

/** A unit cost to read: two decimals, or three significant digits where it is below one: `$1.17`, `$0.20`, `$0.0232`. */
export function unitCostText(amount: Figure, currency: string): string {
  const size = Math.abs(Number(amount));
  const decimals = size > 0 && size < 1 ? Math.min(20, 2 - Math.floor(Math.log10(size))) : 2;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: decimals };
  return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...digits }).format(amount as `${number}`);
}

/** A list price as it is, with at least two decimals: `0.5` is `0.50`, `0.0875` stays. */
export function listPriceText(price: Figure): string {
  const [whole = '0', decimals = ''] = price.split('.');
  return `${whole}.${decimals.padEnd(2, '0')}`;
}

/** `$607 – $1,190`. */
export function moneyRange(low: Figure, high: Figure, currency: string): string {
  return `${wholeMoney(low, currency)} – ${wholeMoney(high, currency)}`;
}

/** `59 %`; a share that is not quite all or nothing never reads as 100 or 0. */
export function percentText(share: Figure): string {
  const percent = Number(share) * 100;
  if (percent > 99 && percent < 100) return percent >= 99.95 ? '>99.9 %' : `${trimmed(percent, 1)} %`;
  if (percent > 0 && percent < 1) return percent < 0.05 ? '<0.1 %' : `${trimmed(percent, 1)} %`;
  return `${trimmed(percent, 0)} %`;
}

/** `±10 %`, `±15.8 %`. */
export function toleranceText(tolerance: Figure): string {
  return `±${trimmed(Number(tolerance) * 100, 1)} %`;
}

/** `651M`, `1.2B`, `250k`: three significant digits. */
export function countText(count: Figure): string {
  const value = Number(count);
  const scale = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const [unit, suffix] = scale.find(([size]) => Math.abs(value) >= size) ?? [1, ''];
  return `${Number((value / unit).toPrecision(3))}${suffix}`;
}

function wholeMoney(amount: Figure, currency: string): string {
  const digits = Math.abs(Number(amount)) >= 100 ? { maximumFractionDigits: 0 } : {};
  return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...digits }).format(amount as `${number}`);
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** Which requests a price is for, where it is not for all. */
export function conditionText({
  above_input_tokens: tokens,
  utc_hours: hours,
}: {
  readonly above_input_tokens: number | null;
  readonly utc_hours: string | null;
}): string {
  const conditions = [
    ...(tokens === null ? [] : [`above ${tokens / 1000}k input`]),
    ...(hours === null ? [] : [`${hours} UTC`]),
  ];
  return conditions.length === 0 ? '' : ` (${conditions.join(', ')})`;
}

import { Decimal } from 'decimal.js';
import type { Comparison, TierComparison } from './comparison.ts';

/** A comparison for people who read it as text: what was billed, how far off the forecast was, and why. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { scenario, period, status, forecast, bills, tiers, unforeseen, warnings, currency } = comparison;
  const made = `Forecast \`${forecast.id}\` of ${forecast.created_at.slice(0, 10)}, prices as known on ${forecast.as_of}.`;
  const held = `${status === 'final' ? 'Final' : 'Provisional'}. ${bills.length} ${bills.length === 1 ? 'bill' : 'bills'}. Amounts in ${currency}.`;
  return [
    `# ${plain(scenario.name)}: ${period} against its forecast`,
    `${made} ${held}`,
    ...(warnings.length === 0 ? [] : [warnings.map(({ message }) => `- ${plain(message)}`).join('\n')]),
    ...tiers.flatMap((tier) => tierParts(tier, currency)),
    ...(unforeseen.length === 0
      ? []
      : [
          '## Billed by providers that no tier compared uses',
          table(
            ['Provider', 'Model', 'Amount'],
            unforeseen.map(({ provider, model, amount, currency: own }) => [
              provider,
              model ?? '–',
              `${amount} ${own}`,
            ]),
            1,
          ),
        ]),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The answer in a sentence: `630.00 USD, 3.3 % above the forecast of 610.00: within ±10 %.` */
export function answerOf(tier: TierComparison, currency: string): string {
  const { actual, forecast, variance, variance_share: share, hit, tolerance, reason } = tier;
  const within = `±${new Decimal(tolerance).times(100).toFixed()} %`;
  const amount = `${thousands(actual)} ${currency}`;
  if (share === null) return `${amount}; the forecast was ${thousands(forecast.p50)}.`;
  const off = new Decimal(share).abs().times(100).toFixed(1);
  const side = variance.startsWith('-') ? 'below' : 'above';
  const judged =
    hit === null
      ? `not scored (${reason === 'not-frozen' ? 'the forecast was made after the month began' : reason})`
      : `${hit ? 'within' : 'outside'} ${within}`;
  return `${amount}, ${off} % ${side} the forecast of ${thousands(forecast.p50)}: ${judged}.`;
}

/** `1,234.50`, the sign before it. */
export function thousands(amount: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(amount) ?? [];
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

function tierParts(tier: TierComparison, currency: string): readonly string[] {
  const { place, record, flags, unit_cost: cost, full, notes } = tier;
  const rows = tier.rows.map(({ label, base, effects, actual }) => [
    label,
    ...[base, ...Object.values(effects), actual].map(thousands),
  ]);
  const said = [
    ...(place === null ? [] : [`The bill lies ${place.says}.`]),
    ...(cost.actual.per_million_tokens === null
      ? []
      : [
          `A million tokens cost ${cost.actual.per_million_tokens} (forecast: ${cost.forecast.per_million_tokens ?? 'none'}).`,
        ]),
    ...(record === null ? [] : [`${record.says}`]),
    ...(full.actual === null ? [] : [`Full cost: ${thousands(full.actual)}, forecast ${thousands(full.forecast)}.`]),
  ];
  return [
    `## ${plain(tier.label)}`,
    `**${answerOf(tier, currency)}** ${said.join(' ')}`.trim(),
    ...(flags.length === 0 ? [] : [flags.map(({ says }) => `- **Flag:** ${plain(says)}`).join('\n')]),
    table(
      ['From the forecast to the bill', currency],
      [
        ['Forecast (median)', thousands(tier.forecast.p50)],
        ...tier.bridge.map(({ label, amount }) => [label, signed(amount)]),
        ['**Bill**', `**${thousands(tier.actual)}**`],
      ],
      1,
    ),
    table(
      ['Row', 'Base', 'Volume', 'Mix', 'List prices', 'Rates', 'Fees', 'Exchange', 'Fixed', 'Not explained', 'Bill'],
      rows,
      1,
    ),
    ...(notes.length === 0 ? [] : [notes.map(({ message }) => `- ${plain(message)}`).join('\n')]),
  ];
}

function signed(amount: string): string {
  return amount.startsWith('-') || /^0(\.0*)?$/.test(amount) ? thousands(amount) : `+${thousands(amount)}`;
}

/** Columns from `right` on hold figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[], right: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  const rule = `|${head.map((_, i) => (i >= right ? ' ---: ' : ' --- ')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Text that Markdown must not read as markup of its own: pipes, links, HTML. */
function plain(text: string): string {
  return text.replaceAll(/[\\|<>[\]`]/g, (mark) => `\\${mark}`).replaceAll(/\s+/g, ' ');
}

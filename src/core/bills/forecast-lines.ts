import type { Decimal } from 'decimal.js';
import type { ForecastPlan } from '../forecast/plan.ts';
import type { TierDefinition } from '../forecast/tier-definition.ts';
import { Exact } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program, ProgramRow, Reference } from '../model/program.ts';
import type { Migration } from '../scenario/scenario.ts';
import type { Measured } from './line-product.ts';
import { amountAt, isAmount, readProduct } from './line-product.ts';

/**
 * What a tier was forecast to pay in one month for one thing, in the base case. `metered` is what a provider counts and
 * bills at a list price; `fee` what it takes on top of usage; `fixed` everything else, with its own quantity and tariff
 * where it has them (kWh, hours).
 */
export type ForecastLine = {
  /** As in the forecast's `lines`, with what an overflow is made of after a slash: `overflow/input.chat`. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'metered' | 'fee' | 'fixed';
  readonly perimeter: 'bill' | 'full';
  readonly workload: string | null;
  /** Who bills what stands on this sheet, as the price book calls them; null for lines of one's own. */
  readonly provider: string | null;
  readonly model: string | null;
  /** The meter of the price book that bills it. */
  readonly meter: string | null;
  /** Scenario currency, rounded once as in the forecast. */
  readonly amount: Decimal;
  readonly measured: Measured | null;
};

type Reading = {
  readonly plan: ForecastPlan;
  readonly program: Program;
  readonly exact: ExactTable;
  readonly tiers: ReadonlyMap<string, TierDefinition>;
  readonly migrations: readonly Migration[];
};

/**
 * Reads the lines of a tier back out of the linked program, with the quantities and prices that made them. No tier and no
 * line is known by name: a line is metered where its formula is a product with exactly one price of the price book in it.
 * @param month index into the months of the forecast
 */
export function readForecastLines(reading: Reading, tier: string, month: number): readonly ForecastLine[] {
  const { program } = reading;
  const found = program.tiers.find(({ id }) => id === tier);
  const providers = providersOfBlocks(reading.plan, reading.tiers);
  const own = new Set((found?.lines ?? []).map(({ row }) => row));
  const lines = (found?.lines ?? []).flatMap(({ id, row }) =>
    leavesOf(reading, { row, id, month, own }).map((leaf) => lineOf(reading, leaf, month, providers)),
  );
  return lines.flatMap((line) => (line === null ? [] : [withSibling(line, lines)]));
}

/** `perimeter` is that of the line it is part of: what a failure hands on is no part of the bill. */
type Leaf = { readonly id: string; readonly row: ProgramRow; readonly perimeter: 'bill' | 'full' };

/** A line that only adds up lines of another part, as an overflow does, stands for those; `own` are the tier's lines. */
function leavesOf(
  reading: Reading,
  { row: index, id, month, own: lines }: { row: number; id: string; month: number; own: ReadonlySet<number> },
): readonly Leaf[] {
  const row = reading.program.rows[index];
  if (row?.content.kind !== 'formula') return [];
  const { perimeter } = row.content.definition;
  if (perimeter === null) return [];
  const parts = [...row.content.references.values()].flatMap(({ one, each }) => (one === null ? each : [one, ...each]));
  const own = amountAt(reading, index, month);
  const rows = parts.flatMap((part) => reading.program.rows[part] ?? []);
  const areLines = rows.every(
    ({ index: part, content }) =>
      !lines.has(part) && content.kind === 'formula' && content.definition.perimeter !== null,
  );
  const sum = rows.reduce<Decimal>(
    (total, part) => total.plus(amountAt(reading, part.index, month) ?? Number.NaN),
    new Exact(0),
  );
  if (rows.length === 0 || !areLines || own === null || !sum.equals(own)) return [{ id, row, perimeter }];
  return rows.map((part) => ({
    id: `${id}/${part.id}${part.instance === null ? '' : `.${part.instance}`}`,
    row: part,
    perimeter,
  }));
}

function lineOf(
  reading: Reading,
  { id, row, perimeter }: Leaf,
  month: number,
  providers: ReadonlyMap<string, string | null>,
): (ForecastLine & { readonly block: string }) | null {
  const { content } = row;
  const amount = amountAt(reading, row.index, month);
  if (content.kind !== 'formula' || amount === null) return null;
  const product = readProduct(reading, row, month);
  const measured = product !== null && isAmount(product, amount, minorUnits(reading, month)) ? product : null;
  const origin = measured?.origin ?? null;
  const details = measured?.details ?? {};
  const isBilled = origin === 'price' || origin === 'rent';
  const provider = details.provider ?? providers.get(row.block) ?? null;
  const kind = isBilled ? 'metered' : readsFee(reading.program, content.references) ? 'fee' : 'fixed';
  const model = origin === 'price' ? (details.model ?? null) : null;
  return {
    id,
    block: row.block,
    label: row.instance === null ? row.label : `${row.label}: ${row.instance}`,
    kind,
    perimeter,
    workload: row.instance,
    provider,
    model: model === null ? null : successorOf(reading, provider, model, month),
    meter: origin === 'price' ? (details.meter ?? null) : null,
    amount,
    measured:
      measured === null
        ? null
        : {
            unit: measured.unit,
            quantity: measured.quantity,
            price: measured.price,
            rate: measured.rate,
            exchangeRate: measured.exchangeRate,
            currency: measured.currency,
          },
  };
}

/** A price that nobody stated names no model; the lines beside it do. */
function withSibling(
  { block, ...line }: ForecastLine & { readonly block: string },
  all: readonly ((ForecastLine & { readonly block: string }) | null)[],
): ForecastLine {
  if (line.kind !== 'metered' || line.model !== null || line.workload === null) return line;
  const beside = all.find(
    (other) => other?.block === block && other.workload === line.workload && other.model !== null,
  );
  return { ...line, model: beside?.model ?? null };
}

function readsFee(program: Program, references: ReadonlyMap<string, Reference>): boolean {
  return [...references.values()].some(({ one }) => {
    const content = one === null ? undefined : program.rows[one]?.content;
    return content?.kind === 'input' && content.definition.origin.kind === 'fee';
  });
}

function minorUnits(reading: Reading, month: number): number {
  const row = reading.program.rows.find(({ key }) => key === 'minor_units');
  return (row === undefined ? null : amountAt(reading, row.index, month))?.toNumber() ?? 2;
}

/** The model that is billed from the month of a migration on. */
function successorOf({ migrations, plan }: Reading, provider: string | null, model: string, month: number): string {
  const at = plan.months[month] ?? '';
  const migration = migrations.find((one) => one.provider === provider && one.model === model && one.at <= at);
  return migration?.to ?? model;
}

/** Who bills what stands in each block of the sheets; null where nobody does. */
function providersOfBlocks(
  plan: ForecastPlan,
  tiers: ReadonlyMap<string, TierDefinition>,
): ReadonlyMap<string, string | null> {
  const providerOf = (tier: string): string | null => tiers.get(tier)?.provider ?? null;
  return new Map(
    plan.program.tiers.flatMap((tier) =>
      tier.parts.flatMap((part): [string, string | null][] => {
        const block = tier.parts.length === 1 ? tier.id : `${tier.id}.${part.tier}`;
        const { spillTo } = part;
        const spills = spillTo === null ? [] : part.model.spills.map(({ line }) => `${block}.${line}`);
        return [
          [block, providerOf(part.tier)],
          ...spills.map((id): [string, string | null] => [id, providerOf(spillTo?.tier ?? '')]),
        ];
      }),
    ),
  );
}

import type { Decimal } from 'decimal.js';
import type { ForecastPlan } from '../forecast/plan.ts';
import type { TierDefinition } from '../forecast/tier-definition.ts';
import type { Expression } from '../formula/ast.ts';
import { Exact, isError } from '../formula/values.ts';
import type { InputOrigin } from '../model/definition.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program, ProgramRow, Reference } from '../model/program.ts';
import { parseUnit, unitText } from '../model/units.ts';
import type { Migration } from '../scenario/scenario.ts';

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

/** amount = ROUND(quantity × price × rate × exchangeRate); `price` in `currency` per `unit`. */
export type Measured = {
  /** `Mtok`, `krequests`, `ksearches`, `GPU-h`, `kWh`, `h`. */
  readonly unit: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** What is paid for one of the list price: residency, routing; 1 is list. */
  readonly rate: Decimal;
  readonly exchangeRate: Decimal;
  readonly currency: string | null;
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

type Product = Measured & {
  readonly origin: InputOrigin['kind'] | null;
  readonly details: Readonly<Record<string, string>>;
};

/** ROUND(a × b ÷ c) with one price in it; null where the formula is anything else. */
function readProduct(reading: Reading, row: ProgramRow, month: number): Product | null {
  if (row.content.kind !== 'formula') return null;
  const factors = factorsOf(row.content.expression);
  if (factors === null) return null;
  let quantity: Decimal = new Exact(1);
  let conversion: Decimal = new Exact(1);
  let exchange: ProgramRow | null = null;
  const prices: { row: ProgramRow; value: Decimal }[] = [];
  for (const { expression, power } of factors) {
    const read = readFactor(reading, row.content.references, expression, month);
    if (read === null) return null;
    const role = read.row === null ? 'quantity' : roleOf(read.row.unit);
    const value = power === 1 ? read.value : new Exact(1).div(read.value);
    if (role === 'quantity') quantity = quantity.times(value);
    else if (power === -1 || read.row === null) return null;
    else if (role === 'price') prices.push({ row: read.row, value });
    else {
      conversion = conversion.times(value);
      exchange = findInput(reading.program, read.row, 'exchange-rate');
    }
  }
  const [price] = prices;
  if (price === undefined || prices.length > 1) return null;
  const units = parseUnit(price.row.unit);
  if (units === null || units === 'any') return null;
  const rate = exchange === null ? null : amountAt(reading, exchange.index, month);
  const exchangeRate = rate ?? new Exact(1);
  const listed = findInput(reading.program, price.row, 'price') ?? findInput(reading.program, price.row, 'rent');
  return {
    unit: countedIn(units),
    quantity,
    price: price.value,
    rate: exchangeRate.isZero() ? conversion : conversion.div(exchangeRate),
    exchangeRate,
    currency: units.has('money') ? null : ([...units].find(([, power]) => power > 0)?.[0] ?? null),
    origin: listed?.content.kind === 'input' ? listed.content.definition.origin.kind : null,
    details: listed === null ? {} : detailsOf(listed, month),
  };
}

/** What a price is for one of: `Mtok` for `USD/Mtok`. */
function countedIn(units: ReadonlyMap<string, number>): string {
  const below = [...units].flatMap(([unit, power]) => (power < 0 ? [[unit, -power] as const] : []));
  const text = unitText(new Map(below));
  return namedUnits[text] ?? text;
}

const namedUnits: Readonly<Record<string, string>> = { 'h*kW': 'kWh', 'GPUs*h': 'GPU-h' };

type Factor = { readonly expression: Expression; readonly power: 1 | -1 };

function factorsOf(expression: Expression, power: 1 | -1 = 1): readonly Factor[] | null {
  if (expression.kind === 'call' && expression.name === 'ROUND' && expression.arguments[0] !== undefined)
    return factorsOf(expression.arguments[0], power);
  if (expression.kind === 'binary' && (expression.operator === '*' || expression.operator === '/')) {
    const left = factorsOf(expression.left, power);
    const right = factorsOf(expression.right, expression.operator === '*' ? power : power === 1 ? -1 : 1);
    return left === null || right === null ? null : [...left, ...right];
  }
  const isFactor =
    expression.kind === 'name' ||
    expression.kind === 'number' ||
    (expression.kind === 'call' && expression.name === 'TOTAL');
  return isFactor ? [{ expression, power }] : null;
}

function readFactor(
  reading: Reading,
  references: ReadonlyMap<string, Reference>,
  expression: Expression,
  month: number,
): { readonly row: ProgramRow | null; readonly value: Decimal } | null {
  if (expression.kind === 'number') return { row: null, value: new Exact(expression.text) };
  const argument = expression.kind === 'call' ? expression.arguments[0] : expression;
  const reference = argument?.kind === 'name' ? references.get(argument.name) : undefined;
  if (reference === undefined) return null;
  const rows = expression.kind === 'call' ? reference.each : reference.one === null ? [] : [reference.one];
  const values = rows.map((index) => amountAt(reading, index, month));
  const [first] = rows;
  if (first === undefined || values.includes(null)) return null;
  const value = (values as readonly Decimal[]).reduce((sum, next) => sum.plus(next), new Exact(0));
  return { row: reading.program.rows[first] ?? null, value };
}

/** `USD/Mtok` is a price, `money/USD` turns one currency into another, anything else counts. */
function roleOf(unit: string): 'price' | 'conversion' | 'quantity' {
  const units = parseUnit(unit);
  if (units === null || units === 'any') return 'quantity';
  const above = [...units].filter(([, power]) => power > 0).map(([name]) => name);
  const below = [...units].filter(([, power]) => power < 0).map(([name]) => name);
  const isCurrency = (name: string): boolean => name === 'money' || /^[A-Z]{3}$/.test(name);
  if (above.length !== 1 || below.length === 0 || !above.every(isCurrency)) return 'quantity';
  return below.every(isCurrency) ? 'conversion' : 'price';
}

/** The input of one kind that a row is, or reads in its own month, at most two rows away. */
function findInput(program: Program, row: ProgramRow, kind: InputOrigin['kind'], depth = 2): ProgramRow | null {
  if (row.content.kind === 'input') return row.content.definition.origin.kind === kind ? row : null;
  if (depth === 0) return null;
  for (const { one } of row.content.references.values()) {
    const read = one === null ? undefined : program.rows[one];
    const found = read === undefined ? null : findInput(program, read, kind, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function detailsOf({ content }: ProgramRow, month: number): Readonly<Record<string, string>> {
  if (content.kind !== 'input') return {};
  const { details, monthly } = content.input;
  return (monthly === undefined ? details : monthly[month]?.details) ?? {};
}

function readsFee(program: Program, references: ReadonlyMap<string, Reference>): boolean {
  return [...references.values()].some(({ one }) => {
    const content = one === null ? undefined : program.rows[one]?.content;
    return content?.kind === 'input' && content.definition.origin.kind === 'fee';
  });
}

/** Whether the factors give the amount, rounding apart: nothing is shown that does not multiply out. */
function isAmount({ quantity, price, rate, exchangeRate }: Measured, amount: Decimal, minor: number): boolean {
  const product = quantity.times(price).times(rate).times(exchangeRate);
  return product.minus(amount).abs().lte(new Exact(10).pow(-minor));
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

function amountAt({ exact }: Pick<Reading, 'exact'>, row: number, month: number): Decimal | null {
  const value = exact[row]?.[month];
  return value === undefined || isError(value) ? null : value;
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

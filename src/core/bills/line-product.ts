import type { Decimal } from 'decimal.js';
import type { Expression } from '../formula/ast.ts';
import { Exact, isError } from '../formula/values.ts';
import type { InputOrigin } from '../model/definition.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program, ProgramRow, Reference } from '../model/program.ts';
import { parseUnit, unitText } from '../model/units.ts';

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

/** A linked program with its exact values. */
export type ProgramReading = { readonly program: Program; readonly exact: ExactTable };

export type Product = Measured & {
  readonly origin: InputOrigin['kind'] | null;
  readonly details: Readonly<Record<string, string>>;
};

/** ROUND(a × b ÷ c) with one price in it; null where the formula is anything else. */
export function readProduct(reading: ProgramReading, row: ProgramRow, month: number): Product | null {
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
  reading: ProgramReading,
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

/** Whether the factors give the amount, rounding apart: nothing is shown that does not multiply out. */
export function isAmount({ quantity, price, rate, exchangeRate }: Measured, amount: Decimal, minor: number): boolean {
  const product = quantity.times(price).times(rate).times(exchangeRate);
  return product.minus(amount).abs().lte(new Exact(10).pow(-minor));
}

/** The exact value of a row in a month; null where it is an error. */
export function amountAt({ exact }: Pick<ProgramReading, 'exact'>, row: number, month: number): Decimal | null {
  const value = exact[row]?.[month];
  return value === undefined || isError(value) ? null : value;
}

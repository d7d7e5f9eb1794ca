import type { Decimal } from 'decimal.js';
import { isMeter } from '../prices/meters.ts';
import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';
import { quantityOf } from './line-quantity.ts';

/**
 * A line as it is stored: with our id of its model, whether its money counts where another bill has the same, and whether
 * its bill is one of quantities.
 */
export type StoredLine = BillLine & {
  readonly x_ModelId?: string | null;
  readonly counts?: boolean;
  readonly ofUsage?: boolean;
};

/** Lines of these models or accounts belong to this workload; what is left out matches everything. */
export type WorkloadRule = {
  readonly workload: string;
  readonly model?: string | undefined;
  readonly account?: string | undefined;
  readonly sub_account?: string | undefined;
};

/** What was billed for one thing in a month. What a bill does not say is null. */
export type UsageGroup = {
  readonly provider: string;
  readonly model: string | null;
  readonly meter: string | null;
  /** `Mtok`, `krequests`, `ksearches`, `GPU-h`, `kWh`, `h`. */
  readonly unit: string | null;
  /** Where a rule assigned it. */
  readonly workload: string | null;
  readonly currency: string;
  readonly quantity: Decimal | null;
  readonly cost: Decimal | null;
  /** At list and at agreed prices; null unless every line with a cost says so. */
  readonly listCost: Decimal | null;
  readonly contractedCost: Decimal | null;
};

/** An amount apart from usage: a router's fee, a commitment not used, power of one's own. */
export type SpendItem = {
  readonly kind: 'fee' | 'credit' | 'commitment' | 'local';
  readonly provider: string;
  readonly label: string;
  readonly unit: string | null;
  readonly quantity: Decimal | null;
  readonly currency: string;
  readonly amount: Decimal;
};

/** What is on the invoice and not compared, by provider and currency. */
export type LeftOut = {
  readonly provider: string;
  readonly currency: string;
  readonly tax: Decimal;
  readonly credits: Decimal;
  readonly prepayments: Decimal;
};

/** A month of bills, as far as it can be held against a forecast. */
export type ActualSpend = {
  readonly groups: readonly UsageGroup[];
  readonly items: readonly SpendItem[];
  readonly leftOut: readonly LeftOut[];
};

/**
 * Adds up a month's lines for comparison: BilledCost without tax, credits and prepayments; what a commitment covers by its
 * EffectiveCost; purchases by what they cost this month (a prepayment costs 0). Where the quantities of a day stand on lines
 * of their own, because the money is on others, only those lines count quantities.
 */
export function gatherSpend(lines: Iterable<StoredLine>, rules: readonly WorkloadRule[] = []): ActualSpend {
  const { add, settle } = openSpend(rules);
  for (const line of lines) add(line);
  return settle();
}

/** The same for lines that come one by one: memory follows what differs, not how many there are. */
export function openSpend(rules: readonly WorkloadRule[] = []): {
  readonly add: (line: StoredLine) => void;
  readonly settle: () => ActualSpend;
} {
  const groups = new Map<string, GroupSums>();
  const items = new Map<string, SpendItem>();
  const leftOut = new Map<string, LeftOut>();
  const days: Days = new Map();
  const add = (line: StoredLine): void => {
    const counts = line.counts !== false;
    const role = roleOf(line);
    const cost = counts ? comparedCost(line) : null;
    if (counts) leaveOut(leftOut, line, role, cost);
    if (role === 'usage') {
      const group = groupOf(groups, line, rules);
      addCost(group, line, cost);
      addQuantity(days, group, line);
    } else if (role !== 'left-out' && cost !== null && !cost.isZero()) addItem(items, line, role, cost);
  };
  const settle = (): ActualSpend => {
    const quantities = settleQuantities(days);
    return {
      groups: [...groups.values()].flatMap((sums) => {
        const quantity = quantities.get(sums) ?? null;
        return sums.cost === null && quantity === null ? [] : [groupText(sums, quantity)];
      }),
      items: [...items.values()],
      leftOut: [...leftOut.values()].filter(
        ({ tax, credits, prepayments }) => !(tax.isZero() && credits.isZero() && prepayments.isZero()),
      ),
    };
  };
  return { add, settle };
}

/** As a stored bill is known by it. */
function providerOf({ x_Provider, ServiceProviderName }: BillLine): string {
  return x_Provider ?? ServiceProviderName.trim().toLowerCase();
}

type Role = 'usage' | 'left-out' | SpendItem['kind'];

function roleOf(line: BillLine): Role {
  const { ChargeCategory: category } = line;
  if (category === 'Tax') return 'left-out';
  if (category === 'Credit') return 'credit';
  const words = `${line.ChargeDescription ?? ''} ${line.SkuMeter ?? ''}`;
  if (category === 'Purchase' && /\bfees?\b/i.test(words)) return 'fee';
  if (category === 'Purchase' && !(line.EffectiveCost?.gt(0) ?? false)) return 'left-out';
  if (providerOf(line) === 'local') return 'local';
  const isUnused = line.CommitmentDiscountId !== null && line.x_Model === null && line.x_Meter === null;
  return isUnused ? 'commitment' : 'usage';
}

function comparedCost(line: BillLine): Decimal | null {
  const { BilledCost, EffectiveCost, ChargeCategory } = line;
  if (roleOf(line) === 'fee') return BilledCost ?? EffectiveCost;
  if (ChargeCategory === 'Purchase') return EffectiveCost;
  return line.CommitmentDiscountId === null ? BilledCost : (EffectiveCost ?? BilledCost);
}

type GroupSums = Omit<UsageGroup, 'quantity' | 'cost' | 'listCost' | 'contractedCost'> & {
  cost: Decimal | null;
  listCost: Decimal | null;
  contractedCost: Decimal | null;
};

function groupOf(groups: Map<string, GroupSums>, line: StoredLine, rules: readonly WorkloadRule[]): GroupSums {
  const provider = providerOf(line);
  const model = line.x_ModelId ?? line.x_Model;
  const meter = meterOf(line);
  const unit = quantityOf(line)?.unit ?? null;
  const workload = rules.find((rule) => matches(rule, line, model))?.workload ?? null;
  const currency = line.BillingCurrency;
  const key = JSON.stringify([provider, model, meter, unit, workload, currency]);
  const known = groups.get(key);
  if (known !== undefined) return known;
  const none = new BillDecimal(0);
  const opened = { provider, model, meter, unit, workload, currency, cost: null, listCost: none, contractedCost: none };
  groups.set(key, opened);
  return opened;
}

/** The class of service makes the meter where the format does not. */
function meterOf({ x_Meter: meter, x_ServiceTier: tier }: BillLine): string | null {
  const classed = `${tier?.toLowerCase()}_${meter}`;
  return meter !== null && tier !== null && isMeter(classed) ? classed : meter;
}

function matches({ model, account, sub_account }: WorkloadRule, line: StoredLine, modelId: string | null): boolean {
  return (
    (model === undefined || model === modelId || model === line.x_Model) &&
    (account === undefined || account === line.BillingAccountId) &&
    (sub_account === undefined || sub_account === line.SubAccountId || sub_account === line.SubAccountName)
  );
}

function addCost(group: GroupSums, line: BillLine, cost: Decimal | null): void {
  if (cost === null) return;
  const add = (sum: Decimal | null, amount: Decimal | null): Decimal | null =>
    sum === null || amount === null ? null : sum.plus(amount);
  group.cost = (group.cost ?? new BillDecimal(0)).plus(cost);
  group.listCost = add(group.listCost, line.ListCost);
  group.contractedCost = add(group.contractedCost, line.ContractedCost);
}

type Quantities = Map<GroupSums, Decimal>;
/**
 * Quantities of one provider, day and unit by where they stand: on lines of their own, because the money is on others;
 * beside their money; or as somebody else's copy of what the provider counted. Only the first of these that is there counts.
 */
type DayQuantities = readonly [apart: Quantities, beside: Quantities, copied: Quantities];
type Days = Map<string, DayQuantities>;

function addQuantity(days: Days, group: GroupSums, line: StoredLine): void {
  const measured = quantityOf(line);
  if (measured === null) return;
  const key = JSON.stringify([group.provider, line.ChargePeriodStart.slice(0, 10), measured.unit]);
  const day = days.get(key) ?? ([new Map(), new Map(), new Map()] as const);
  const isApart = line.x_CostReason === 'billed-elsewhere' || line.ofUsage === true;
  const into = day[line.x_CostReason === 'computed-by-litellm' ? 2 : isApart ? 0 : 1];
  into.set(group, measured.quantity.plus(into.get(group) ?? 0));
  days.set(key, day);
}

function settleQuantities(days: Days): Quantities {
  const sums: Quantities = new Map();
  for (const day of days.values())
    for (const [group, quantity] of day.find(({ size }) => size > 0) ?? [])
      sums.set(group, quantity.plus(sums.get(group) ?? 0));
  return sums;
}

function groupText(sums: GroupSums, quantity: Decimal | null): UsageGroup {
  const { cost, listCost, contractedCost, ...rest } = sums;
  const said = (amount: Decimal | null): Decimal | null => (cost === null || amount?.isZero() === true ? null : amount);
  return { ...rest, quantity, cost, listCost: said(listCost), contractedCost: said(contractedCost) };
}

function addItem(items: Map<string, SpendItem>, line: BillLine, kind: SpendItem['kind'], amount: Decimal): void {
  const measured = quantityOf(line);
  const label = line.SkuMeter ?? line.ChargeDescription ?? line.ServiceName ?? '';
  const provider = providerOf(line);
  const unit = measured?.unit ?? null;
  const currency = line.BillingCurrency;
  const key = JSON.stringify([kind, provider, kind === 'local' ? label : '', unit, currency]);
  const known = items.get(key);
  const quantity = measured?.quantity ?? null;
  items.set(key, {
    kind,
    provider,
    label: known?.label ?? label,
    unit,
    currency,
    quantity:
      known === undefined || quantity === null
        ? (quantity ?? known?.quantity ?? null)
        : quantity.plus(known.quantity ?? 0),
    amount: amount.plus(known?.amount ?? 0),
  });
}

/** What the invoice asks and the comparison does not; of a commitment, what was paid for other months or by them. */
function leaveOut(leftOut: Map<string, LeftOut>, line: BillLine, role: Role, cost: Decimal | null): void {
  if (line.BilledCost === null) return;
  const isAside = role === 'left-out' || role === 'credit';
  const amount = isAside ? line.BilledCost : line.BilledCost.minus(cost ?? 0);
  if (amount.isZero()) return;
  const provider = providerOf(line);
  const currency = line.BillingCurrency;
  const key = JSON.stringify([provider, currency]);
  const none = new BillDecimal(0);
  const known = leftOut.get(key) ?? { provider, currency, tax: none, credits: none, prepayments: none };
  const place = line.ChargeCategory === 'Tax' ? 'tax' : role === 'credit' ? 'credits' : 'prepayments';
  leftOut.set(key, { ...known, [place]: known[place].plus(amount) });
}

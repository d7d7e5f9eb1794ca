import { Decimal } from 'decimal.js';
import type { Forecast } from '../core/forecast/result.ts';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import { moneyText, percentText, toleranceText } from './figures.ts';
import type { ScenarioOptions } from './forecast.ts';
import { calculateFile } from './forecast.ts';
import type { ComputedTier } from './forecast-words.ts';
import type { Format } from './output.ts';
import { outputOf } from './output.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type CheckOptions = ScenarioOptions & {
  readonly tier?: string;
  readonly tolerance?: string;
  readonly maxMonthly?: string;
  readonly strict?: boolean;
  readonly format: Format;
};

/** One promise of one tier, and whether it is kept. */
type PromiseCheck = {
  readonly tier: string;
  readonly promise: 'predictability' | 'max-monthly';
  readonly verdict: 'holds' | 'does not hold' | 'not enough evidence' | 'cannot be forecast';
  readonly detail: string;
};

/**
 * `infercast check FILE`: that the next month's bill of each tier can be forecast within the tolerance, and, where asked,
 * that no month's bill is above a limit at P90. Throws CommandFailed with exit code 3 where one does not hold.
 */
export async function runCheck(path: string, options: CheckOptions): Promise<void> {
  const limit = options.maxMonthly === undefined ? null : parseAmount(options.maxMonthly);
  const { forecast } = await calculateFile(path, options);
  const asked = chooseTiers(forecast, options.tier ?? null);
  const checks = asked.flatMap((tier): readonly PromiseCheck[] => {
    if (tier.months === null) {
      return [
        {
          tier: tier.id,
          promise: 'predictability',
          verdict: 'cannot be forecast',
          detail: `it cannot be forecast: ${tier.reason}`,
        },
      ];
    }
    return [checkPredictability(forecast, tier), ...(limit === null ? [] : [checkLimit(forecast, tier, limit)])];
  });
  const isBroken = ({ verdict }: PromiseCheck): boolean =>
    verdict === 'does not hold' ||
    (verdict === 'not enough evidence' && options.strict === true) ||
    (verdict === 'cannot be forecast' && options.tier !== undefined);
  const broken = checks.filter(isBroken);
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify({ ok: broken.length === 0, checks }));
  else if (options.format === 'table')
    output.print(
      output.terminal.plain(
        checks
          .filter(({ verdict }) => verdict !== 'holds')
          .map(lineOf)
          .join(''),
      ),
    );
  else output.print(renderTable(tableOf(checks), options.format, output.terminal));
  if (broken.length > 0) {
    throw new CommandFailed(exitCodes.checkFailed, [
      `${broken.length} of ${checks.length} promises ${broken.length === 1 ? 'does' : 'do'} not hold.`,
    ]);
  }
  const open = checks.length - checks.filter(({ verdict }) => verdict === 'holds').length;
  output.say(
    open === 0
      ? `${checks.length} of ${checks.length} promises hold.`
      : `${checks.length - open} of ${checks.length} promises hold, none is broken.`,
  );
}

function checkPredictability({ from }: Forecast, { id, predictability }: ComputedTier): PromiseCheck {
  const { bill } = predictability;
  const tolerance = toleranceText(bill.tolerance);
  const needed = percentText(bill.confidence);
  if (bill.verdict === null) {
    return {
      tier: id,
      promise: 'predictability',
      verdict: 'holds',
      detail: `the bill of ${from} costs nothing, so there is nothing to miss`,
    };
  }
  const hit = `the bill of ${from} is within ${tolerance} in ${percentText(bill.probability ?? '1')} of the futures, ${needed} needed`;
  const tightest =
    bill.tightest_tolerance === null ? '' : `; ${toleranceText(bill.tightest_tolerance)} would hold that often`;
  return {
    tier: id,
    promise: 'predictability',
    verdict: bill.verdict,
    detail: bill.verdict === 'holds' ? hit : hit + tightest,
  };
}

function checkLimit({ currency }: Forecast, { id, months }: ComputedTier, limit: string): PromiseCheck {
  const highest = months.reduce((most, month) => (new Decimal(month.bill.p90).gt(most.bill.p90) ? month : most));
  const isAbove = new Decimal(highest.bill.p90).gt(limit);
  const reach = `the bill of ${highest.month} reaches ${moneyText(highest.bill.p90, currency)} at P90`;
  return {
    tier: id,
    promise: 'max-monthly',
    verdict: isAbove ? 'does not hold' : 'holds',
    detail: `${reach}, ${isAbove ? 'above' : 'at most'} ${moneyText(limit, currency)}`,
  };
}

function chooseTiers({ tiers }: Forecast, wanted: string | null): Forecast['tiers'] {
  if (wanted === null) return tiers;
  const chosen = tiers.filter(({ id }) => id === wanted);
  if (chosen.length > 0) return chosen;
  const ids = tiers.map(({ id }) => id);
  throw badUsage(
    `--tier ${wanted}: the scenario does not compare it.${didYouMean(nearestNames(wanted, ids)) || ` It compares ${ids.join(', ')}.`}`,
  );
}

function parseAmount(text: string): string {
  const match = /^(\d{1,13}(?:\.\d{1,6})?)(k|M)?$/.exec(text.trim());
  if (match === null)
    throw badUsage(`--max-monthly ${text}: expected an amount in the scenario's currency, such as 5000 or 5k.`);
  const factor = match[2] === undefined ? 1 : match[2] === 'k' ? 1_000 : 1_000_000;
  return new Decimal(match[1] ?? '0').times(factor).toFixed();
}

function lineOf({ tier, verdict, detail }: PromiseCheck): string {
  return `${tier}: ${verdict}: ${detail}.\n`;
}

function tableOf(checks: readonly PromiseCheck[]): Table {
  const columns = ['tier', 'promise', 'verdict', 'detail'].map((id) => ({
    id,
    title: `${id[0]?.toUpperCase()}${id.slice(1)}`,
  }));
  return { columns, rows: checks.map(({ tier, promise, verdict, detail }) => [tier, promise, verdict, detail]) };
}

import { baseOf } from '../model/evaluate.ts';
import type { LoweredProgram } from '../model/lower.ts';
import type { InputValue, Program } from '../model/program.ts';
import { recordTape, runTape } from '../sampling/tape.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { BillScore } from './bill-scores.ts';
import { monthBefore } from './calendar.ts';
import { closedMonthsOf, nextMonthOf } from './closed-months.ts';
import type { MoneyText } from './figures.ts';
import type { LearnedHistory } from './learned-history.ts';
import type { LastMonthAgain, Perimeter } from './result.ts';

type LastMonthSetting = {
  readonly scenario: Scenario;
  readonly program: Program;
  readonly lowered: LoweredProgram;
  readonly histories: ReadonlyMap<string, LearnedHistory>;
  readonly bills: readonly BillScore[];
  readonly money: MoneyText;
};

/**
 * "The same as last month" in money, by tier: the reference a forecast of the bill has to beat. It is the last bill where
 * one is known, else the base case of the month forecast next at the requests of the last month of the histories: the demand of then at the
 * prices and on the machines of now. Without either, or where a history's last month has gaps, there is none.
 */
export function costLastMonthAgain(setting: LastMonthSetting): ReadonlyMap<string, LastMonthAgain> {
  const { scenario, program, bills, money } = setting;
  const atRequests = costAtLastRequests(setting);
  return new Map(
    program.tiers.flatMap(({ id }, i) => {
      const of = (perimeter: Perimeter, place: number): LastMonthAgain[Perimeter] => {
        const last = bills
          .filter((bill) => bill.tier === id && bill.perimeter === perimeter)
          .toSorted((a, b) => (a.month < b.month ? -1 : 1))
          .at(-1);
        if (last !== undefined) return { amount: money(Number(last.actual)), month: last.month, from: 'bill' };
        const cost = atRequests?.[2 * i + place];
        if (cost === undefined || !Number.isFinite(cost)) return null;
        return { amount: money(cost), month: monthBefore(nextMonthOf(scenario), 1), from: 'history' };
      };
      const found = { bill: of('bill', 0), full: of('full', 1) };
      return found.bill === null && found.full === null ? [] : [[id, found] as const];
    }),
  );
}

/** Bill and full cost of each tier in the month forecast next; null unless the last month of every workload is known. */
function costAtLastRequests({ program, lowered, histories, scenario }: LastMonthSetting): readonly number[] | null {
  const requests = new Map<string, number>();
  for (const { id } of scenario.workloads) {
    const last = histories.get(id)?.periods.at(-1)?.total ?? null;
    if (last === null) return null;
    requests.set(`workloads.${id}.requests_per_month`, last);
  }
  const inputs = new Map<string, InputValue>(
    program.rows.flatMap(({ key, content }) => (content.kind === 'input' ? [[key, content.input.value]] : [])),
  );
  const next = closedMonthsOf(scenario) + 1;
  const nodes = program.tiers.flatMap(({ billTotal, fullTotal }) => [
    lowered.cell(billTotal, next),
    lowered.cell(fullTotal, next),
  ]);
  const columns = runTape(recordTape(lowered.graph(), nodes), {
    draws: 1,
    seed: 0,
    replace: ({ key, month }, _firstDraw, into) => {
      const value = inputs.get(key);
      into[0] = requests.get(key) ?? (value === undefined ? Number.NaN : baseOf(value, Math.max(1, month)).toNumber());
      return true;
    },
  });
  return columns.map((column) => column[0] as number);
}

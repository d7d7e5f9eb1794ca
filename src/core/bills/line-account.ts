import { providerOf } from './bill-identity.ts';
import type { BillLine } from './bill-line.ts';

/** What is known of the accounts of lines that name none. */
export type KnownAccounts = {
  /** By provider, the one account that other lines of the file name. */
  readonly named: ReadonlyMap<string, string>;
  /** By provider, the one account that another file of the same source billed. */
  readonly billed: ReadonlyMap<string, string>;
  /** What somebody stated. */
  readonly stated: string | null;
};

/**
 * The account of a line. A provider names it where something was charged and leaves it out elsewhere: on days without spend,
 * and in its report of quantities. Those lines are of the account that was charged, or each would make a bill of 0.00.
 */
export function accountOf(line: BillLine, { named, billed, stated }: KnownAccounts): string | null {
  if (line.BillingAccountId !== null) return line.BillingAccountId;
  const provider = providerOf(line);
  const isQuantity = line.BilledCost === null && line.x_CostReason === 'billed-elsewhere';
  return named.get(provider) ?? (isQuantity ? billed.get(provider) : undefined) ?? stated;
}

/** Gathers which providers name one account, and no other. */
export function openNamedAccounts(): {
  readonly add: (provider: string, account: string | null) => void;
  readonly settle: () => ReadonlyMap<string, string>;
} {
  const named = new Map<string, string | null>();
  return {
    add: (provider, account) => {
      if (account === null || account === '') return;
      const known = named.get(provider);
      if (known === undefined) named.set(provider, account);
      else if (known !== account) named.set(provider, null);
    },
    settle: () => new Map([...named].filter((entry): entry is [string, string] => entry[1] !== null)),
  };
}

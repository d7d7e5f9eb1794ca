import { describe, expect, test } from '@jest/globals';
import { accountOf, openNamedAccounts } from '../../../src/core/bills/line-account.ts';
import { billLine } from '../../helpers/bill-lines.ts';

const accountsOf = (...named: readonly [string, string | null][]): ReadonlyMap<string, string> => {
  const accounts = openNamedAccounts();
  for (const [provider, account] of named) accounts.add(provider, account);
  return accounts.settle();
};
const none: ReadonlyMap<string, string> = new Map();
const charge = billLine({ x_Provider: 'openai', BillingAccountId: null });
const quantity = billLine({
  x_Provider: 'openai',
  BillingAccountId: null,
  BilledCost: null,
  x_CostReason: 'billed-elsewhere',
});

describe('a line that names no account', () => {
  test('is of the account that the other lines of its provider name, whatever was stated', () => {
    const named = accountsOf(['openai', 'org-1'], ['openai', null], ['openai', 'org-1'], ['anthropic', 'org-2']);
    expect(accountOf(charge, { named, billed: none, stated: 'main' })).toBe('org-1');
  });

  test('is of the stated one where its file names none of its provider, or several', () => {
    expect(accountOf(charge, { named: none, billed: none, stated: 'main' })).toBe('main');
    const several = accountsOf(['openai', 'org-1'], ['openai', 'org-2'], ['openai', 'org-1']);
    expect(accountOf(charge, { named: several, billed: none, stated: 'main' })).toBe('main');
    expect(accountOf(charge, { named: several, billed: none, stated: null })).toBeNull();
  });

  test('and holds a quantity is of the account that another file billed; a charge is not', () => {
    const billed = accountsOf(['openai', 'org-1']);
    expect(accountOf(quantity, { named: none, billed, stated: 'main' })).toBe('org-1');
    expect(accountOf(charge, { named: none, billed, stated: 'main' })).toBe('main');
  });
});

test('a line that names its account is of that one', () => {
  const named = accountsOf(['openai', 'org-1']);
  expect(accountOf({ ...charge, BillingAccountId: 'org-7' }, { named, billed: named, stated: 'main' })).toBe('org-7');
});

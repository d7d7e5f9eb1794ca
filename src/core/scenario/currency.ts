import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Fault } from './fault.ts';
import { faulty, shown } from './fault.ts';

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Why a code is no currency of ISO 4217, in use or of the past; undefined for one that is. */
export function findCurrencyFault(code: string): Fault | undefined {
  if (currencies.has(code)) return undefined;
  const suggestions = nearestNames(code, currencies);
  const message = `${shown(code)} is not a currency of ISO 4217, such as USD or EUR.${didYouMean(suggestions)}`;
  return faulty('unknown-currency', message, suggestions);
}

import type { Clock } from '../clock.ts';
import { dayIn, fixedClock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { egressRules, loadConfig } from '../config.ts';
import type { EgressRules } from '../egress/guarded-request.ts';
import { environmentOf } from './environment.ts';

/** The settings that a command without database and network reads. A wrong PORT must not keep anybody from a forecast. */
const settingsOfCalculations = [
  'DEFAULT_TZ',
  'DEFAULT_CURRENCY',
  'PRICE_STALE_DAYS',
  'NODE_ENV',
  'INFERCAST_TEST_CLOCK',
];

export type CalculationSettings = {
  /** YYYY-MM-DD: the as-of date of a scenario that names none. */
  readonly today: string;
  readonly currency: string;
  readonly priceStaleDays: number;
};

/** Throws WrongSettings. */
export function loadCalculationSettings(): CalculationSettings {
  const config = loadConfig(environmentOf(settingsOfCalculations));
  return {
    today: dayIn(config.DEFAULT_TZ, clockOf(config)()),
    currency: config.DEFAULT_CURRENCY,
    priceStaleDays: config.PRICE_STALE_DAYS,
  };
}

const settingsOfEgress = ['EGRESS_ALLOW', 'EGRESS_ALLOW_PRIVATE', 'EGRESS_TIMEOUT_MS', 'OFFLINE'];

/** What may leave this machine. Throws WrongSettings. */
export function loadEgressRules(): EgressRules {
  return egressRules(loadConfig(environmentOf(settingsOfEgress)));
}

export function clockOf({ INFERCAST_TEST_CLOCK: instant }: Config): Clock {
  return instant === undefined ? systemClock : fixedClock(new Date(instant));
}

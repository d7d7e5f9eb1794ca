import { describe, expect, test } from '@jest/globals';
import { localBox, localScenario, threeLots } from '../helpers/local-scenario.ts';
import { readCells } from './cells.ts';
import { wrongMoney } from './money.ts';
import { writeScenario } from './samples.ts';
import { differences, recalculate } from './spreadsheet-engine.ts';

const { gpu_price: _price, host_price: _host, ...bare } = localBox;
const patience = 300_000;

describe('the local tier in the workbook, calculated by a spreadsheet with no cached value left', () => {
  test.each([
    ['three lots, a refresh, overflow in month 30 and a time-of-use tariff', threeLots],
    [
      'a loan, a lease and GPUs by the hour, each sold, kept or run as it is agreed',
      localScenario({
        months: 14,
        local: {
          machines: [
            {
              ...localBox,
              id: 'credit',
              loan: { share: '70%', rate: '9%', months: 10 },
              life_months: 10,
              bought: '2026-09',
            },
            {
              ...localBox,
              id: 'early',
              sold: { month: '2027-09', value: '35%' },
              depreciation: 'declining-balance',
              spares: 1,
            },
            {
              ...bare,
              id: 'leased',
              lease: { per_month: 190, upfront: 100, buyout: 250 },
              life_months: 6,
              at_end_of_life: 'keep',
            },
            { ...bare, id: 'rented', rent: { per_gpu_hour: 1.19, hours: 'follow_demand' }, bought: '2027-05' },
          ],
          overflow_to: 'together',
        },
        finance: { cost_of_capital: '11%' },
      }),
    ],
    [
      'a speed reckoned from bandwidth and TFLOP/s, a power cap, carbon and colocation',
      localScenario({
        local: {
          machines: [
            {
              id: 'reckoned',
              gpu: 'h100-sxm',
              gpus: 8,
              gpu_price: 27_000,
              host_price: 60_000,
              idle_watts: 3000,
              context_watts: 40,
              load_watts: 10_200,
              power_cap: { watts: 8000, speed_lost: '5%' },
              value_change_per_year: '-20%',
              depreciation: 'resale-value',
            },
          ],
        },
        energy: { price_per_kwh: 0.146, pue: 1.54, grid_intensity: 380 },
        colocation: { per_kw_month: 195, power: 'metered', contracted_kw: 12 },
      }),
    ],
  ])(
    '%s: every formula gives what is cached, to the cent',
    async (name, scenario) => {
      const sample = await writeScenario(name, scenario);
      const calculated = await recalculate(sample.bytes);
      expect(wrongMoney(sample, calculated).wrong).toEqual([]);
      expect(differences(readCells(sample.bytes), calculated)).toEqual([]);
      expect(calculated.get('Summary!A3')).toBe('Checks: OK');
    },
    patience,
  );
});

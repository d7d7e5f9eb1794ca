import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { identifyBill } from '../../../src/core/bills/bill-identity.ts';
import { amounts, readBill, readBillText, sumOf } from '../../helpers/bill-fixtures.ts';

describe('electricity bill', () => {
  test('the bill of October: energy, standing charge and tax add up to 105.42', () => {
    const { format, lines, problems, warnings } = readBill('electricity-bill-2026.csv');
    expect([format.id, problems, warnings]).toEqual(['electricity-bill', [], []]);
    const october = lines.filter(({ InvoiceId }) => InvoiceId === 'E-10');
    const energy = new Decimal('412.5').times('0.1872');
    expect(amounts(october, 'BilledCost')).toEqual([
      `Electricity ${energy.toFixed()}`,
      'Standing charge 9.9',
      'Tax 18.3',
    ]);
    expect(sumOf(october, 'BilledCost')).toBe(energy.plus('9.90').plus('18.30').toFixed());
    expect(sumOf(october, 'BilledCost')).toBe('105.42');
    expect(october.map(({ ChargeCategory }) => ChargeCategory)).toEqual(['Usage', 'Usage', 'Tax']);
    expect(october[0]).toMatchObject({
      BillingCurrency: 'EUR',
      BillingAccountId: 'meter-1',
      ChargePeriodStart: '2026-10-01T00:00:00Z',
      ChargePeriodEnd: '2026-11-01T00:00:00Z',
      ServiceProviderName: 'Example Power',
      x_Provider: 'local',
      ConsumedUnit: 'kWh',
    });
  });

  test('without a stated amount it is kWh × price, rounded once: 400.3 × 0.1872 = 74.93616', () => {
    const november = readBill('electricity-bill-2026.csv').lines.filter(({ InvoiceId }) => InvoiceId === 'E-11');
    expect(new Decimal('400.3').times('0.1872').toFixed()).toBe('74.93616');
    expect(amounts(november, 'BilledCost')).toEqual(['Electricity 74.94', 'Standing charge 9.9']);
  });

  test('a stated amount wins over kWh × price, and more than a cent between them is said', () => {
    const header = 'first_day,last_day,kwh,price_per_kwh,energy_amount,currency';
    const { lines, warnings } = readBillText(`${header}\n2026-10-01,2026-10-31,100,0.20,21,EUR\n`);
    expect(amounts(lines, 'BilledCost')).toEqual(['Electricity 21']);
    expect(warnings).toMatchObject([{ code: 'does-not-add-up', pointer: '/lines/2/energy_amount' }]);
  });

  test('a missing currency, a missing price and a last day before the first are all said at once', () => {
    const header = 'first_day,last_day,kwh,price_per_kwh,currency';
    const { lines, problems } = readBillText(`${header}\n2026-10-31,2026-10-01,100,,\n`);
    expect(lines).toEqual([]);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'missing-value /lines/2/currency',
      'ends-before-it-begins /lines/2/last_day',
      'missing-value /lines/2/price_per_kwh',
    ]);
  });

  test('a currency without cents is rounded to whole units', () => {
    const header = 'first_day,last_day,kwh,price_per_kwh,currency';
    const { lines } = readBillText(`${header}\n2026-10-01,2026-10-31,100,31.005,JPY\n`);
    expect(amounts(lines, 'BilledCost')).toEqual(['Electricity 3101']);
  });
});

describe('meter readings', () => {
  test('October: each stretch at its tariff, a factor for a current transformer, 91.88 in all', () => {
    const { format, lines, problems } = readBill('meter-readings-2026-10.csv');
    expect([format.id, problems]).toEqual(['meter-readings', []]);
    const stretches = [
      new Decimal('12700.5').minus('12488').times('0.1872').toDecimalPlaces(2),
      new Decimal('12900.5').minus('12700.5').times('0.195').toDecimalPlaces(2),
      new Decimal('103.5').minus(100).times(20).times('0.1872').toDecimalPlaces(2),
    ];
    expect(stretches.map((amount) => amount.toFixed())).toEqual(['39.78', '39', '13.1']);
    expect(amounts(lines, 'BilledCost')).toEqual(stretches.map((amount) => `Electricity ${amount.toFixed()}`));
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('39.78').plus(39).plus('13.10').toFixed());
    expect(sumOf(lines, 'ConsumedQuantity')).toBe(new Decimal('212.5').plus(200).plus(70).toFixed());
    expect(lines[0]).toMatchObject({
      ChargePeriodStart: '2026-09-30T22:00:00Z',
      ChargePeriodEnd: '2026-10-15T22:00:00Z',
      BillingAccountId: 'rack-1',
    });
  });

  test('a month counts where its middle lies, whatever its beginning is in UTC', () => {
    const { lines, warnings } = readBill('meter-readings-2026-10.csv');
    expect(lines.map((line) => identifyBill(line).period)).toEqual(['2026-10', '2026-10', '2026-10']);
    expect(warnings).toEqual([]);
  });

  test('a quarter is not divided: it counts in its middle month, and that is said', () => {
    const header = 'read_from,read_to,start_kwh,end_kwh,price_per_kwh,currency';
    const { lines, warnings } = readBillText(`${header}\n2026-07-01,2026-10-01,0,900,0.2,EUR\n`);
    expect(lines.map((line) => identifyBill(line).period)).toEqual(['2026-08']);
    expect(warnings).toMatchObject([{ code: 'several-months', pointer: '/lines/2/read_to' }]);
  });

  test('a meter that went back and readings in the wrong order are problems', () => {
    const header = 'read_from,read_to,start_kwh,end_kwh,price_per_kwh,currency';
    const { problems } = readBillText(`${header}\n2026-10-31,2026-10-01,900,100,0.2,EUR\n`);
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'meter-went-back /lines/2/end_kwh',
      'ends-before-it-begins /lines/2/read_to',
    ]);
  });

  test('a time without a zone is asked about', () => {
    const asked: string[] = [];
    const header = 'read_from,read_to,start_kwh,end_kwh,price_per_kwh,currency';
    readBillText(`${header}\n2026-10-01 06:30,2026-10-31 06:30,1,2,0.2,EUR\n`, 'readings.csv', {
      answers: {},
      hear: (question, says, line, column) => asked.push(`${question} ${says} ${line} ${column}`),
    });
    expect(asked).toContain('zone null 2 read_from');
  });
});

describe('timesheet', () => {
  test('October: hours × rate, rounded line by line, are 462.92', () => {
    const { format, lines, problems } = readBill('timesheet-2026-10.csv');
    expect([format.id, problems]).toEqual(['timesheet', []]);
    const worked = [
      new Decimal('3.25').times(75),
      new Decimal('1.1').times(75),
      new Decimal(2).times('68.333').toDecimalPlaces(2),
    ];
    expect(amounts(lines, 'BilledCost')).toEqual(worked.map((amount) => `Operator hours ${amount.toFixed()}`));
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal('243.75').plus('82.5').plus('136.67').toFixed());
    expect(sumOf(lines, 'ConsumedQuantity')).toBe('6.35');
    expect(lines[0]).toMatchObject({
      ChargePeriodStart: '2026-10-05T00:00:00Z',
      ChargePeriodEnd: '2026-10-06T00:00:00Z',
      ChargeDescription: 'Driver update',
      ConsumedUnit: 'Hours',
      x_Provider: 'local',
    });
  });

  test('hours below zero are a problem', () => {
    const { problems } = readBillText('date,hours,hourly_rate,currency\n2026-10-05,-1,75,EUR\n');
    expect(problems).toMatchObject([{ code: 'negative-count', pointer: '/lines/2/hours' }]);
  });
});

describe('purchases of credits', () => {
  test('October: 100 and 10 dollars of credits, of which only the fees of 5.50 and 0.80 are used up', () => {
    const { format, lines, problems } = readBill('credit-purchases-2026-10.csv');
    expect([format.id, problems]).toEqual(['credit-purchases', []]);
    const fees = new Decimal(100).times('0.055').plus('0.80');
    expect(sumOf(lines, 'BilledCost')).toBe(new Decimal(100).plus(10).plus(fees).toFixed());
    expect(sumOf(lines, 'EffectiveCost')).toBe(fees.toFixed());
    expect(lines).toMatchObject([
      { ChargeCategory: 'Purchase', ChargeDescription: 'Credits bought', x_Provider: 'openrouter', InvoiceId: 'R-1' },
      { ChargeCategory: 'Purchase', ChargeDescription: 'Fee on credits bought', InvoiceId: 'R-1' },
      { ChargeDescription: 'Credits bought', InvoiceId: 'R-2' },
      { ChargeDescription: 'Fee on credits bought', InvoiceId: 'R-2' },
    ]);
  });
});

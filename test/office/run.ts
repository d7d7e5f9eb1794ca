import { readCells, withCell } from '../xlsx/cells.ts';
import { wrongMoney } from '../xlsx/money.ts';
import type { SampleWorkbook } from '../xlsx/samples.ts';
import { sampleNames, writeSample } from '../xlsx/samples.ts';
import { differences } from '../xlsx/spreadsheet-engine.ts';
import { hasLibreOffice, libreOfficeMissing, recalculateInLibreOffice } from './libreoffice.ts';

// `npm run test:office`: every formula of every sample's workbook as LibreOffice calculates it, and faults it must show.
const results: { readonly name: string; readonly faults: readonly string[] }[] = [];

if (await hasLibreOffice()) await runAll();
else results.push({ name: 'LibreOffice is there', faults: [libreOfficeMissing] });

for (const { name, faults } of results) {
  console.log(`${faults.length === 0 ? '✓' : '✕'} ${name}`);
  for (const fault of faults.slice(0, 10)) console.log(`    ${fault}`);
}
const failed = results.filter(({ faults }) => faults.length > 0).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runAll(): Promise<void> {
  const samples: SampleWorkbook[] = [];
  for (const name of sampleNames) samples.push(await writeSample(name));
  const first = samples[0] as SampleWorkbook;
  const tier = first.book.tiers[0];
  const address = `K${first.book.placed.places.get(tier?.program.fullTotal ?? -1)?.row}`;
  const sheet = tier?.sheet ?? '';
  const poisoned = withCell(first.bytes, sheet, address, (cell) => cell.replace(/<v>.*<\/v>/, '<v>999</v>'));
  const wrong = withCell(first.bytes, sheet, address, (cell) => cell.replace('</f>', '+0.01</f>'));
  const calculated = await recalculateInLibreOffice(
    new Map([...samples.map(({ name, bytes }) => [name, bytes] as const), ['poisoned', poisoned], ['wrong', wrong]]),
  );
  for (const sample of samples) {
    const values = calculated.get(sample.name) ?? new Map<string, string>();
    const { compared, wrong: money } = wrongMoney(sample, values);
    const master = values.get('Summary!A3');
    results.push(
      { name: `${sample.name}: ${compared} money cells say what the service says, to the cent`, faults: money },
      {
        name: `${sample.name}: every formula gives what is cached`,
        faults: differences(readCells(sample.bytes), values),
      },
      { name: `${sample.name}: its own checks hold`, faults: master === 'Checks: OK' ? [] : [String(master)] },
    );
  }
  const seen = differences(readCells(poisoned), calculated.get('poisoned') ?? new Map());
  const missed = ['the planted fault went unnoticed'];
  results.push({ name: 'canary: a poisoned cached value is seen', faults: seen.length === 1 ? [] : missed });
  const off = wrongMoney(first, calculated.get('wrong') ?? new Map()).wrong;
  results.push({ name: 'canary: a formula that is one cent off is seen', faults: off.length > 0 ? [] : missed });
}

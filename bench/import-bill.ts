import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { BillDecimal } from '../src/core/bills/bill-decimal.ts';
import { readBillLine } from '../src/core/bills/bill-line-text.ts';
import { importBill } from '../src/importers/bills/import-bill.ts';

// One import in a process of its own, so that its memory is its own.
const [path = '', linesPath = ''] = process.argv.slice(2);
const began = performance.now();
const outcome = await importBill({ path, fileName: 'bill', source: null, answers: {}, mapping: null, linesPath });
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
const peakMb = process.resourceUsage().maxRSS / 1024;
if (!outcome.ok || outcome.problem_count > 0) throw new Error(JSON.stringify(outcome.problems));
let total = new BillDecimal(0);
for await (const text of createInterface({ input: createReadStream(linesPath) }))
  total = total.plus(readBillLine(text).BilledCost ?? 0);
console.log(JSON.stringify({ sums: outcome.lines, total: total.toFixed(), seconds, cpuSeconds, peakMb }));

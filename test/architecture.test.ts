import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const repository = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(repository, 'node_modules/.bin', name);

/** Rule that must catch it, file, its text. The files they import are below. */
const forbiddenImports: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['core-imports-core', 'src/core/model/reads-db.ts', "import '../../db/connect.ts';"],
  ['core-is-pure', 'src/core/formula/reads-disk.ts', "import 'node:fs';"],
  ['core-is-pure', 'src/core/formula/uses-yaml.ts', "import 'yaml';"],
  ['core-root-is-a-leaf', 'src/core/knows-formulas.ts', "import './formula/parse.ts';"],
  ['core-order-formula', 'src/core/formula/knows-models.ts', "import '../model/compile.ts';"],
  ['core-order-sampling', 'src/core/sampling/knows-formulas.ts', "import '../formula/parse.ts';"],
  ['core-order-prices', 'src/core/prices/knows-sampling.ts', "import '../sampling/philox.ts';"],
  ['core-order-model', 'src/core/model/knows-prices.ts', "import '../prices/price.ts';"],
  ['core-order-scenario', 'src/core/scenario/knows-forecasts.ts', "import '../forecast/compute.ts';"],
  ['core-order-schedule', 'src/core/schedule/knows-forecasts.ts', "import '../forecast/compute.ts';"],
  ['core-order-forecast', 'src/core/forecast/knows-sheets.ts', "import type { Sheet } from '../workbook/sheet.ts';"],
  ['db-is-outbound', 'src/db/calls-services.ts', "import '../services/forecasts.ts';"],
  ['importers-is-outbound', 'src/importers/reads-db.ts', "import '../db/connect.ts';"],
  ['compute-is-outbound', 'src/compute/reads-db.ts', "import '../db/connect.ts';"],
  ['services', 'src/services/knows-http.ts', "import '../http/app.ts';"],
  ['http-is-inbound', 'src/http/reads-db.ts', "import type { Db } from '../db/connect.ts';"],
  ['jobs-is-inbound', 'src/jobs/reads-db.ts', "import '../db/connect.ts';"],
  ['web-stands-alone', 'src/web/uses-core.js', "import '../core/model/compile.ts';"],
  ['config-is-read-once', 'src/services/reads-config.ts', "import '../config.ts';"],
  ['nothing-imports-the-entrance', 'src/http/starts-main.ts', "import '../main.ts';"],
  ['express-has-a-home', 'src/services/uses-express.ts', "import type { Request } from 'express';"],
  ['database-has-a-home', 'src/services/uses-kysely.ts', "import type { Kysely } from 'kysely';"],
  ['database-has-a-home', 'src/services/uses-pglite.ts', "import '@electric-sql/pglite';"],
  ['queue-has-a-home', 'src/jobs/uses-boss.ts', "import 'pg-boss';"],
  ['cron-has-a-home', 'src/jobs/uses-croner.ts', "import 'croner';"],
  ['exceljs-has-a-home', 'src/http/uses-exceljs.ts', "import 'exceljs';"],
  ['no-test-packages', 'src/services/uses-ajv.ts', "import 'ajv';"],
  ['resolvable', 'src/services/imports-nothing.ts', "import './nowhere.ts';"],
  ['no-cycles', 'src/core/forecast/back.ts', "import type { There } from './there.ts';\nexport type Back = There;"],
];

const allowed: Readonly<Record<string, string>> = {
  'src/core/problem.ts': 'export type Problem = string;',
  'src/core/formula/parse.ts': "import type { Problem } from '../problem.ts';\nexport type Parsed = Problem;",
  'src/core/sampling/philox.ts': 'export const rounds = 10;',
  'src/core/prices/price.ts': "import { Decimal } from 'decimal.js';\nexport const none = new Decimal(0);",
  'src/core/model/compile.ts': "import type { Parsed } from '../formula/parse.ts';\nexport type Compiled = Parsed;",
  'src/core/scenario/scenario.ts': "import 'zod';\nimport '../model/compile.ts';\nimport '../prices/price.ts';",
  'src/core/forecast/compute.ts': "import '../scenario/scenario.ts';\nexport const forecast = 1;",
  'src/core/workbook/sheet.ts': "import '../forecast/compute.ts';\nexport type Sheet = 1;",
  'src/db/connect.ts': "import 'kysely';\nimport 'pg';\nimport '@electric-sql/pglite';\nexport type Db = 1;",
  'src/files/models.ts': "import 'yaml';\nimport 'node:fs';",
  'src/xlsx/write.ts': "import 'exceljs';",
  'src/compute/worker.ts': "import '../files/models.ts';\nimport '../xlsx/write.ts';",
  'src/services/forecasts.ts':
    "import '../db/connect.ts';\nimport '../core/forecast/compute.ts';\nimport '../clock.ts';",
  'src/http/app.ts': "import 'express';\nimport type { Request } from 'express';\nimport '../services/forecasts.ts';",
  'src/clock.ts': 'export const clock = 1;',
  'src/config.ts': "import './core/problem.ts';\nexport const settings = 1;",
  'src/main.ts': "import './config.ts';\nimport './http/app.ts';\nexport const main = 1;",
};

/** The other half of the planted cycle; a cycle is reported once, at the file that sorts first. */
const cycle: Readonly<Record<string, string>> = {
  'src/core/forecast/there.ts': "import './back.ts';\nexport type There = 1;",
};

/** Rule that must catch it, file, the line. */
const forbiddenLines: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['plugin', 'src/core/clock-a.ts', 'export const a = new Date();'],
  ['plugin', 'src/core/clock-b.ts', 'export const a = Date.now();'],
  ['plugin', 'src/services/clock-c.ts', 'export const read = Date.now;'],
  ['plugin', 'src/services/chance.ts', 'export const a = Math.random();'],
  ['noRestrictedGlobals', 'src/core/process-a.ts', 'export const a = process.argv;'],
  ['noRestrictedGlobals', 'src/core/fetch-a.ts', "export const a = fetch('https://example.com');"],
  ['noRestrictedGlobals', 'src/core/timer-a.ts', 'setTimeout(String, 1);'],
  ['noRestrictedGlobals', 'src/core/global-a.ts', 'export const a = globalThis;'],
  ['noRestrictedGlobals', 'src/services/code-a.ts', "export const a = new Function('return 1');"],
  ['noGlobalEval', 'src/services/code-b.ts', "export const a = eval('1');"],
  ['noConsole', 'src/services/talks.ts', "console.log('hello');"],
  ['noProcessEnv', 'src/services/environment.ts', 'export const a = process.env.HOME;'],
  ['noExplicitAny', 'src/services/loose.ts', 'export const a = (x: any): unknown => x;'],
  ['noFloatingPromises', 'src/services/forgets.ts', 'async function save(): Promise<void> {}\nsave();'],
  ['noEnum', 'src/services/enum-a.ts', 'export enum A {\n  B,\n}'],
  ['noFocusedTests', 'test/focus.test.ts', "import { test } from '@jest/globals';\n\ntest.only('a', () => {});"],
  ['noSkippedTests', 'test/skip.test.ts', "import { test } from '@jest/globals';\n\ntest.skip('a', () => {});"],
];

const allowedLines: Readonly<Record<string, string>> = {
  'src/core/given-time.ts': "export const a = new Date('2026-11-22T00:00:00Z').getTime();",
  'src/clock.ts': 'export const now = (): Date => new Date();',
  'src/config.ts': 'export const home = process.env.HOME;',
  'src/cli.ts': "console.log('hello');",
  'test/timing.ts': 'export const began = Date.now();',
};

const temporary: string[] = [];
afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

function plant(files: Iterable<readonly [file: string, text: string]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'infercast-architecture-'));
  temporary.push(folder);
  for (const name of ['package.json', 'tsconfig.json', 'biome.json', '.gitignore', '.dependency-cruiser.cjs']) {
    copyFileSync(join(repository, name), join(folder, name));
  }
  cpSync(join(repository, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  return folder;
}

/** `rule file` of every import that breaks a rule. */
function brokenImports(folder: string): readonly string[] {
  const run = spawnSync(bin('depcruise'), ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const report = JSON.parse(run.stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[]; totalCruised: number };
  };
  expect(report.summary.totalCruised).toBeGreaterThan(0);
  return report.summary.violations.map(({ from, rule }) => `${rule.name} ${from}`);
}

/** `rule file` of every lint error. */
function brokenLines(folder: string): readonly string[] {
  const run = spawnSync(
    bin('biome'),
    ['lint', '--reporter=json', '--max-diagnostics=none', '--diagnostic-level=error', 'src', 'test'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const report = JSON.parse(run.stdout) as { diagnostics: { category: string; location: { path: string } }[] };
  return report.diagnostics.map(({ category, location }) => `${category.split('/').at(-1)} ${location.path}`);
}

describe('the import rules', () => {
  let found: readonly string[] = [];
  beforeAll(() => {
    found = brokenImports(
      plant([
        ...Object.entries({ ...allowed, ...cycle }),
        ...forbiddenImports.map(([, file, text]) => [file, text] as const),
      ]),
    );
  });

  test('let the straight line through', () => {
    expect(brokenImports(plant(Object.entries(allowed)))).toEqual([]);
  });

  test.each(forbiddenImports)('%s catches %s', (rule, file) => {
    expect(found).toContain(`${rule} ${file}`);
  });
});

describe('the lint rules', () => {
  let found: readonly string[] = [];
  beforeAll(() => {
    found = brokenLines(plant(forbiddenLines.map(([, file, line]) => [file, line] as const)));
  });

  test('let the clock module, the settings and the command line do their work', () => {
    expect(brokenLines(plant(Object.entries(allowedLines)))).toEqual([]);
  });

  test.each(forbiddenLines)('%s catches %s', (rule, file) => {
    expect(found).toContain(`${rule} ${file}`);
  });
});

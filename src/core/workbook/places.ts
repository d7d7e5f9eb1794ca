import type { Program, ProgramRow } from '../model/program.ts';
import { firstRow } from './draft.ts';
import type { Place, Places, Read } from './month-formulas.ts';
import { openingFormula, readsOf, sheetFormula } from './month-formulas.ts';
import type { Report } from './report.ts';

/** A sheet of the program's rows, top to bottom: headings, the rows under them, and a free row between groups. */
export type PlacedSheet = {
  readonly name: string;
  /** Sheet in the program: `Inputs`, `Prices`, `Hardware`, `volume` or the id of a tier. */
  readonly id: string;
  readonly groups: readonly PlacedGroup[];
  readonly end: number;
};

export type PlacedGroup = {
  readonly title: string;
  readonly heading: number;
  readonly rows: readonly { readonly row: number; readonly source: ProgramRow }[];
};

/**
 * Rows of the sheet Inputs that are no input of a model: first month, number of months, and, where no model has them,
 * decimals of the currency and tokens per million (else null).
 */
export type SettingRows = {
  readonly firstMonth: number;
  readonly months: number;
  readonly minorUnits: number | null;
  readonly tokensPerMillion: number | null;
};

export type Placed = {
  readonly sheets: readonly PlacedSheet[];
  readonly places: Places;
  readonly settings: SettingRows;
};

/**
 * Gives every row of the program its place. Inputs that no formula reads get none: shocks that only the draws read, terms of
 * lines that are left out. `shownTiers` are those with a sheet of their own.
 */
export function placeProgram(program: Program, report: Report, shownTiers: ReadonlyMap<string, string>): Placed {
  const workings = program.rows.filter(
    ({ content, sheet }) => content.kind === 'formula' && (sheet === 'volume' || shownTiers.has(sheet)),
  );
  const reads = workings.flatMap((row) => {
    const formula = sheetFormula(row);
    const opening = program.openings.get(row.index);
    return [...(formula === null ? [] : readsOf(formula)), ...(opening ? readsOf(openingFormula(opening)) : [])];
  });
  const inMonths = inputsInMonths(program, workings, reads);
  const read = new Set(reads.map(({ row }) => row));
  const inputs = program.rows.filter(({ index, content }) => content.kind === 'input' && read.has(index));

  const has = (id: string): boolean => inputs.some((row) => row.id === id);
  let free = firstRow + 1;
  const settings: SettingRows = {
    firstMonth: free++,
    months: free++,
    minorUnits: has('minor_units') ? null : free++,
    tokensPerMillion: has('tokens_per_million') ? null : free++,
  };

  const sheets: PlacedSheet[] = [];
  const place = (name: string, id: string, start: number, groups: readonly Group[]): void => {
    let next = start;
    const placed = groups
      .filter(({ rows }) => rows.length > 0)
      .map(({ title, rows }): PlacedGroup => {
        const heading = next++;
        const below = rows.map((source) => ({ row: next++, source }));
        next++;
        return { title, heading, rows: below };
      });
    if (placed.length > 0) sheets.push({ name, id, groups: placed, end: next - 2 });
  };
  const on = (sheet: string): readonly ProgramRow[] => inputs.filter((row) => row.sheet === sheet);
  place('Inputs', 'Inputs', free + 1, groupInputs(on('Inputs'), report));
  place(
    'Prices',
    'Prices',
    firstRow,
    groupBy(on('Prices'), ({ key }) => key.split('.')[1] ?? '', shownTiers),
  );
  place(
    'Hardware',
    'Hardware',
    firstRow,
    groupBy(on('Hardware'), ({ instance }) => instance ?? '', new Map()),
  );
  for (const [id, name] of [['volume', 'Volume'] as const, ...shownTiers]) {
    const groups = program.blocks
      .filter(({ sheet }) => sheet === id)
      .flatMap((block) =>
        sectionsOf(
          block.label,
          workings.filter((row) => row.block === block.id),
        ),
      );
    place(name, id, firstRow, groups);
  }

  const places = new Map<number, Place>();
  for (const { name, groups } of sheets)
    for (const { rows } of groups)
      for (const { row, source } of rows)
        places.set(source.index, {
          sheet: name,
          row,
          months: source.content.kind === 'formula' || inMonths.has(source.index),
        });
  return { sheets, places, settings };
}

type Group = { readonly title: string; readonly rows: readonly ProgramRow[] };

/** A part of a sheet under its own heading, and under one for each model that it is put together from. */
function sectionsOf(title: string, rows: readonly ProgramRow[]): readonly Group[] {
  const sections: { readonly section: string | null; readonly rows: ProgramRow[] }[] = [];
  for (const row of rows) {
    const section = row.content.kind === 'formula' ? row.content.definition.section : null;
    const last = sections.at(-1);
    if (last !== undefined && last.section === section) last.rows.push(row);
    else sections.push({ section, rows: [row] });
  }
  return sections.map(({ section, rows: below }) => ({
    title: section === null ? title : `${title}: ${section}`,
    rows: below,
  }));
}

/** Inputs that need a cell for every month: series, and those read over time or as a range beside a series. */
function inputsInMonths(
  program: Program,
  workings: readonly ProgramRow[],
  reads: readonly Read[],
): ReadonlySet<number> {
  const isSeries = (row: number): boolean => {
    const content = program.rows[row]?.content;
    return content?.kind === 'input' && content.input.value.kind === 'series';
  };
  const overTime = reads.filter(({ how }) => how === 'previous' || how === 'cumulative' || how === 'months');
  const beside = workings.flatMap((row) => {
    if (row.content.kind === 'input') return [];
    return [...row.content.references.values()].flatMap(({ each }) => (each.some(isSeries) ? each : []));
  });
  return new Set([
    ...program.rows.map(({ index }) => index).filter(isSeries),
    ...overTime.map(({ row }) => row),
    ...beside,
  ]);
}

function groupInputs(inputs: readonly ProgramRow[], { input_groups }: Report): readonly Group[] {
  const groupOf = ({ key, content }: ProgramRow): number => {
    if (content.kind === 'input' && content.input.value.kind === 'shock') return input_groups.length;
    const found = input_groups.findIndex(({ prefixes }) => prefixes.some((prefix) => key.startsWith(prefix)));
    return found < 0 ? input_groups.length - 1 : found;
  };
  return [...input_groups.map(({ title }) => title), 'Shocks at rest: the draws move them, the workbook does not'].map(
    (title, i) => ({ title, rows: inputs.filter((row) => groupOf(row) === i) }),
  );
}

function groupBy(
  rows: readonly ProgramRow[],
  keyOf: (row: ProgramRow) => string,
  titles: ReadonlyMap<string, string>,
): readonly Group[] {
  return [...Map.groupBy(rows, keyOf)].map(([key, group]) => ({ title: titles.get(key) ?? key, rows: group }));
}

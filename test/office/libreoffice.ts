import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readCells, withoutCachedValues } from '../xlsx/cells.ts';

const run = promisify(execFile);
const patienceMs = 300_000;

// Recalculate on load, always: by default LibreOffice shows cached values, and a test would compare the cache with itself.
const settings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`;

export const libreOfficeMissing =
  'LibreOffice is not installed: there is no soffice on the path. On Debian and Ubuntu: apt-get install --no-install-recommends libreoffice-calc.';

/** Whether there is a LibreOffice to ask. */
export async function hasLibreOffice(): Promise<boolean> {
  return run('soffice', ['--version'], { timeout: patienceMs }).then(
    () => true,
    () => false,
  );
}

/**
 * What LibreOffice calculates for every formula of each workbook, cached values taken away first. Keys are `Local!J7`. It has
 * a profile of its own, so that an open LibreOffice neither hinders it nor is disturbed.
 */
export async function recalculateInLibreOffice(
  workbooks: ReadonlyMap<string, Uint8Array>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'infercast-office-'));
  try {
    const profile = join(folder, 'profile');
    await mkdir(join(profile, 'user'), { recursive: true });
    await writeFile(join(profile, 'user/registrymodifications.xcu'), settings);
    const names = [...workbooks.keys()];
    const files = names.map((_, i) => join(folder, `${i}.xlsx`));
    for (const [i, name] of names.entries())
      await writeFile(files[i] as string, withoutCachedValues(workbooks.get(name) as Uint8Array));
    const out = join(folder, 'out');
    const target = 'xlsx:Calc MS Excel 2007 XML';
    const options = [`-env:UserInstallation=file://${profile}`, '--headless', '--norestore', '--convert-to', target];
    await run('soffice', [...options, '--outdir', out, ...files], { timeout: patienceMs });
    const read = names.map(async (name, i) => {
      const cells = readCells(new Uint8Array(await readFile(join(out, `${i}.xlsx`))));
      return [name, new Map(cells.map((cell) => [`${cell.sheet}!${cell.address}`, cell.value ?? '']))] as const;
    });
    return new Map(await Promise.all(read));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A figure that was stated, what the code as shipped gives, and how far they may lie apart by chance. */
export type Finding = {
  readonly what: string;
  readonly stated: number | null;
  readonly found: number;
  /** Half a 95 % interval of what was found, and of the stated figure's rounding. */
  readonly chance: number;
};

/** Prints a table of findings; those with a stated figure say whether they agree. Gives the number that do not. */
export function printFindings(title: string, findings: readonly Finding[]): number {
  console.log(`\n${title}`);
  let apart = 0;
  for (const { what, stated, found, chance } of findings) {
    const agrees = stated === null || Math.abs(found - stated) <= chance;
    if (!agrees) apart++;
    const beside = stated === null ? '' : `  stated ${shown(stated)}  ${agrees ? 'agrees' : 'APART'}`;
    console.log(`  ${what.padEnd(58)} ${shown(found)} ± ${chance.toFixed(4)}${beside}`);
  }
  return apart;
}

/** 1.96 standard errors of a share seen in n draws. */
export function chanceOfShare(share: number, n: number): number {
  return 1.96 * Math.sqrt(Math.max(share * (1 - share), 0.25 / n) / n);
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shown(value: number): string {
  return value.toFixed(Math.abs(value) >= 10 ? 2 : 4).padStart(9);
}

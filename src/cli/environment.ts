/**
 * The shell's environment, as it is. Settings are read by `config.ts`; here are only what the shell says of its terminal,
 * and the environment that options of a command are laid over before it becomes settings.
 */
// biome-ignore lint/style/noProcessEnv: a locale is no setting of infercast, and options must go through the same checks as variables
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/** The environment with some variables replaced; undefined leaves one as it is. A given one wins over its `_FILE`. */
export function environmentWith(
  given: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...environment,
    ...Object.fromEntries(stated.flatMap(([name, value]) => [[name, value] as const, [`${name}_FILE`, undefined]])),
  };
}

/** The environment reduced to these variables and their `_FILE` forms. */
export function environmentOf(names: readonly string[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(names.flatMap((name) => [name, `${name}_FILE`]).map((name) => [name, environment[name]]));
}

/** Whether the locale writes UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set decides, as in POSIX. */
export function writesUtf8(variables: Readonly<Record<string, string | undefined>> = environment): boolean {
  const locale = variables.LC_ALL || variables.LC_CTYPE || variables.LANG || '';
  return /utf-?8/i.test(locale);
}

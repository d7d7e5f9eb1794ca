import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/commands.ts';
import { expectGolden } from './golden.ts';
import { runCli } from './run-cli.ts';

/** Every command as its words: `[]`, `['forecast']`, `['prices']`, `['prices', 'list']`. */
function everyCommand(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  return [words, ...command.commands.flatMap((inner) => everyCommand(inner, [...words, inner.name()]))];
}

const commands = everyCommand(buildProgram());
const leaves = commands.filter(
  (words) => !commands.some((other) => other.length > words.length && words.every((word, i) => other[i] === word)),
);

describe('help', () => {
  test.each(commands.map((words) => ({ words, name: ['infercast', ...words].join(' ') })))(
    'of $name is as printed before',
    ({ words, name }) => {
      const { code, stdout, stderr } = runCli([...words, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expectGolden(`help-${name.replaceAll(' ', '-')}.txt`, stdout);
    },
  );

  test.each(leaves.map((words) => ({ words, name: words.join(' ') })))(
    'of $name ends with an example that runs it',
    ({ words }) => {
      const command = words.reduce<Command>(
        (outer, word) => outer.commands.find((inner) => inner.name() === word) ?? outer,
        buildProgram(),
      );
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
      expect(text).toContain(`Example:\n  $ infercast ${words.join(' ')}`);
    },
  );
});

describe('bad usage', () => {
  test.each([
    { args: ['forcast', 'x.yaml'], says: '(Did you mean forecast?)' },
    { args: ['forecast'], says: "missing required argument 'file'" },
    { args: ['forecast', 'x.yaml', '--formatt', 'json'], says: '(Did you mean --format?)' },
    { args: ['forecast', 'x.yaml', '--format', 'yaml'], says: 'Allowed choices are table, json, csv, markdown.' },
    { args: [], says: 'Usage: infercast' },
    { args: ['prices'], says: 'Usage: infercast prices' },
  ])('$args exits with 2, says why on stderr, and prints no data', ({ args, says }) => {
    const { code, stdout, stderr } = runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});

import { describe, expect, test } from '@jest/globals';
import { isFatal, isTaken, isUnavailable } from '../../src/db/failures.ts';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('what a database error means', () => {
  test.each([
    ['a full disk', withCode('53100', 'could not write to file "pg_wal/xlogtemp.42"'), 'fatal'],
    ['a panic', new Error('PANIC: could not write'), 'fatal'],
    ['an aborted runtime', new Error('Aborted()'), 'fatal'],
    ['a restart of the server', withCode('57P01'), 'unavailable'],
    ['a server that starts', withCode('57P03'), 'unavailable'],
    ['a statement beyond its time', withCode('57014'), 'unavailable'],
    ['no server', withCode('ECONNREFUSED'), 'unavailable'],
    ['a cut connection', new Error('Connection terminated unexpectedly'), 'unavailable'],
    ['a name that is taken', withCode('23505'), 'taken'],
    ['a mistake of ours', withCode('42601', 'syntax error'), 'none'],
    ['nothing', undefined, 'none'],
  ])('%s', (_, error, meaning) => {
    const found = [isFatal(error) && 'fatal', isUnavailable(error) && 'unavailable', isTaken(error) && 'taken'];
    expect(found.filter(Boolean)).toEqual(meaning === 'none' ? [] : [meaning]);
  });
});

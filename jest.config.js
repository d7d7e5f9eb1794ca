export const everywhere = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/nightly/', '<rootDir>/test/office/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/test/strip-types.mjs' },
};

/** Tests of the whole service run a second time over a real PostgreSQL; what is left out takes both by itself, or no database. */
const overPostgres = {
  ...everywhere,
  displayName: 'postgres',
  globals: { TEST_DATABASE: 'postgres' },
  testMatch: ['<rootDir>/test/http/*.test.ts', '<rootDir>/test/services/{bills,sources,prices}/*.test.ts'],
  testPathIgnorePatterns: [...everywhere.testPathIgnorePatterns, '<rootDir>/test/http/(month|nowcast|limits)[.]test'],
};

export default {
  projects: [{ ...everywhere, displayName: 'embedded' }, overPostgres],
  collectCoverageFrom: ['src/**/*.ts'],
  reporters: ['default', '<rootDir>/test/plain-reporter.mjs'],
  // A first PGlite start takes seconds on a busy machine; nothing here waits on a clock.
  testTimeout: 60_000,
  maxWorkers: 2,
  // What modules leave behind in a worker is never freed: a new one is faster than a heap of gigabytes.
  workerIdleMemoryLimit: '700MB',
};

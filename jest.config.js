export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/nightly/', '<rootDir>/test/office/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/test/strip-types.mjs' },
  collectCoverageFrom: ['src/**/*.ts'],
  reporters: ['default', '<rootDir>/test/plain-reporter.mjs'],
  // A first PGlite start takes seconds on a busy machine; nothing here waits on a clock.
  testTimeout: 60_000,
  maxWorkers: 2,
};

import everyDay, { everywhere } from './jest.config.js';

/** Long soaks and many kills: `npm run test:nightly`. */
export default {
  ...everyDay,
  projects: [{ ...everywhere, roots: ['<rootDir>/test/nightly'], testPathIgnorePatterns: ['/node_modules/'] }],
  testTimeout: 1_800_000,
};

const root = '^src/core/[^/]+[.]ts$';
const core = (...names) => `^src/core/(${names.join('|')})/`;
const only = (name, from, ...to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [...to] },
});
const keep = (name, packages, ...home) => ({
  name: `${name}-has-a-home`,
  severity: 'error',
  from: { path: '^src/', pathNot: home },
  to: { path: `node_modules/(${packages})/` },
});

/** Later folders of the core build on earlier ones, never the other way; type imports count. */
const coreOrder = [
  ['formula', []],
  ['sampling', []],
  ['prices', []],
  ['model', ['formula', 'sampling']],
  ['scenario', ['formula', 'sampling', 'prices', 'model']],
  ['schedule', ['scenario']],
  ['forecast', ['formula', 'sampling', 'prices', 'model', 'scenario']],
  ['bills', ['formula', 'sampling', 'prices', 'model', 'scenario', 'forecast']],
  ['workbook', ['formula', 'sampling', 'prices', 'model', 'scenario', 'forecast', 'bills']],
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
    {
      name: 'no-test-packages',
      comment: 'What the service runs on is a dependency; a devDependency is not there after npm ci --omit=dev.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: 'node_modules/@types/' },
    },
    { name: 'src-stands-alone', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|scripts|bench)/' } },

    only('core-imports-core', '^src/core/', '^src/core/'),
    {
      name: 'core-is-pure',
      comment: 'The core computes and never does: no Node API, three packages.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'],
        pathNot: 'node_modules/(decimal[.]js|date-fns|zod)/',
      },
    },
    only('core-root-is-a-leaf', root, root),
    ...coreOrder.map(([name, below]) => only(`core-order-${name}`, core(name), root, core(name, ...below))),

    ...['db', 'files', 'importers', 'egress', 'xlsx'].map((folder) =>
      only(`${folder}-is-outbound`, `^src/${folder}/`, `^src/(${folder}|core)/`),
    ),
    // What speaks to other machines goes through the one guarded door.
    ...['sources', 'notify'].map((folder) =>
      only(`${folder}-is-outbound`, `^src/${folder}/`, `^src/(${folder}|egress|core)/`),
    ),
    // A worker thread starts with nothing: it reads the models and writes the workbook itself.
    only('compute-is-outbound', '^src/compute/', '^src/(compute|core|files|importers|xlsx)/'),
    only(
      'services',
      '^src/services/',
      '^src/(services|core|db|egress|files|importers|sources|compute|xlsx|notify)/',
      '^src/clock[.]ts$',
    ),
    ...['http', 'jobs'].map((folder) =>
      only(`${folder}-is-inbound`, `^src/${folder}/`, `^src/(${folder}|services|core)/`, '^src/clock[.]ts$'),
    ),
    only('web-stands-alone', '^src/web/', '^src/web/'),
    only('clock-is-a-leaf', '^src/clock[.]ts$', '^src/clock[.]ts$'),
    only('config-is-a-leaf', '^src/config[.]ts$', '^src/(config[.]ts$|core/)'),
    {
      name: 'config-is-read-once',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|cli|config)' },
      to: { path: '^src/config' },
    },
    {
      name: 'nothing-imports-the-entrance',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|cli)([.]ts$|/)' },
      to: { path: '^src/(main|cli)([.]ts$|/)' },
    },

    keep('express', 'express|express-rate-limit|swagger-ui-dist', '^src/http/'),
    keep('database', 'kysely|pg|@electric-sql/[^/]+', '^src/db/'),
    keep('exceljs', 'exceljs', '^src/xlsx/', '^src/importers/'),
    keep('piscina', 'piscina', '^src/compute/'),
    keep('bill-files', 'hyparquet|hyparquet-compressors|yauzl', '^src/importers/'),
    keep('queue', 'pg-boss', '^src/db/'),
    keep('cron', 'croner', '^src/services/'),
    keep('notices', 'nodemailer|standardwebhooks', '^src/notify/'),
    keep('egress', 'request-filtering-agent|ipaddr[.]js', '^src/egress/'),
    keep('command-line', 'commander|cli-table3|picocolors', '^src/cli'),
  ],
  options: {
    // TypeScript 7 has no JavaScript API; swc reads the syntax, type imports included.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};

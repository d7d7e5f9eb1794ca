import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Express } from 'express';
import express from 'express';
import { absolutePath } from 'swagger-ui-dist';
import type { Dispatcher } from './dispatch.ts';
import { guardForms } from './guards.ts';
import type { Operation } from './operation.ts';
import { expressPath } from './operation.ts';
import { billPages } from './pages/bills.ts';
import { comparisonPages } from './pages/comparisons.ts';
import { forecastPages } from './pages/forecast.ts';
import { runPages } from './pages/runs.ts';
import { schedulePages } from './pages/schedules.ts';
import { signInPages } from './pages/sign-in.ts';
import { nameRoute } from './request-log.ts';

const require = createRequire(import.meta.url);
const assetsFolder = join(import.meta.dirname, '../web/assets');
const chartFolder = dirname(require.resolve('chart.js'));

/** What `/vendor/` serves, straight from the packages: nothing is loaded from elsewhere. */
const vendor: Readonly<Record<string, string>> = {
  'chart.js': join(chartFolder, 'chart.umd.min.js'),
};
const swagger = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/**
 * Every page and what its forms do. They go the way of every operation (who is it, may they, how often), but stand outside
 * the API and its document.
 */
const pages: readonly Operation[] = [
  ...forecastPages,
  ...schedulePages,
  ...comparisonPages,
  ...runPages,
  ...billPages,
  ...signInPages,
];

/** The pages, their libraries at `/vendor/`, the API's documentation at `/docs`. */
export function servePages(web: Express, dispatch: Dispatcher): void {
  web.use((request, _response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') nameRoute(request, 'page');
    next();
  });
  for (const page of pages) {
    web[page.method](expressPath(page), guardForms, (request, response) => {
      nameRoute(request, page.method === 'get' ? 'page' : page.path);
      return dispatch(page, request, response);
    });
  }
  web.use(
    '/assets',
    express.static(assetsFolder, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false }),
  );
  web.get('/favicon.ico', (_request, response) => response.redirect(308, '/assets/favicon.svg'));
  for (const [name, file] of Object.entries(vendor)) {
    web.get(`/vendor/${name}`, (_request, response) =>
      response.set('Cache-Control', 'public, max-age=3600').sendFile(file),
    );
  }
  for (const name of swagger) {
    const file = join(absolutePath(), name);
    web.get(`/docs/${name}`, (_request, response) =>
      response.set('Cache-Control', 'public, max-age=3600').sendFile(file),
    );
  }
  web.get('/docs/start.js', (_request, response) => response.type('text/javascript').send(documentationStart));
  web.get('/docs', (_request, response) => response.type('text/html').send(documentationPage));
}

const documentationPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>infercast API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const documentationStart = `SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#api',
  persistAuthorization: false,
  validatorUrl: null,
  tagsSorter: undefined,
  deepLinking: true,
});
`;

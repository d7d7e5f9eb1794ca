import { z } from 'zod';
import type { App } from '../../services/app.ts';
import { importBills } from '../../services/bills/bill-imports.ts';
import type { BillImportRequest, UploadedFile } from '../../services/bills/bill-request.ts';
import { isImportPutOff, requestImport } from '../../services/bills/import-job.ts';
import { showImport, showRefusedImport } from '../../services/page/bill-import-view.ts';
import { findBillsPage } from '../../services/page/bills-page.ts';
import { Refusal } from '../../services/refusal.ts';
import { openFormFile } from '../form-file.ts';
import { operation } from '../operation.ts';
import { answerWithPage, goTo, html } from '../page-templates.ts';
import { paging, yesOrNo } from '../schemas/parameters.ts';

const tag = 'Page';
const page = { 200: { description: 'The page', mediaType: html } };

/** What a form has beside its file. */
const roomForTexts = 131_072;

export const billPages = [
  operation({
    id: 'showBills',
    method: 'get',
    path: '/bills',
    tag,
    summary: 'Bills by month as a page',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ cursor: paging.cursor }),
    answers: page,
    refusals: ['bad-cursor'],
    handle: async ({ app }, call) => answerWithPage(call, 'bills', await findBillsPage(app, call.query.cursor)),
  }),
  operation({
    id: 'sendBillForm',
    method: 'post',
    path: '/bills',
    tag,
    summary: 'Store the bills of a file that a form sends, or show what would be stored',
    scope: 'bills',
    rate: 'upload',
    query: z.strictObject({ dry_run: yesOrNo('true: only show what would be stored') }),
    file: {
      mediaTypes: ['multipart/form-data'],
      limitBytes: ({ app }) => app.settings.billLimits.bytes + roomForTexts,
      // The same bytes are stored once, however often the form is sent.
      needsKey: () => false,
    },
    answers: { ...page, 303: { description: 'Where the page of its run is: the file is long' } },
    refusals: ['validation-failed', 'too-many-jobs', 'out-of-space'],
    handle: async ({ app }, call) => {
      const { objectId, signal } = call;
      const { fields, fileName, file } = await openFormFile(call.body as unknown as UploadedFile);
      const request = requestOf(fields, fileName, call.query.dry_run);
      if (isImportPutOff(file, request, false))
        return goTo(`/runs/${(await requestImport(app, objectId, file, request, signal)).id}`);
      const { status, view } = await importSent(app, `bill_${objectId}`, file, request, signal);
      return answerWithPage(call, 'bills', await findBillsPage(app, null, view), status);
    },
  }),
];

/** What of an import's refusals is for whoever chose the file. */
const aboutTheFile = ['validation-failed', 'limit-exceeded', 'conflict', 'too-expensive'];

async function importSent(app: App, id: string, file: UploadedFile, request: BillImportRequest, signal: AbortSignal) {
  try {
    if (file.bytes === 0) throw new Refusal('validation-failed', 'No file was chosen, or it is empty.');
    return { status: 200, view: showImport(await importBills(app, id, file, request, { signal })) };
  } catch (error) {
    if (!(error instanceof Refusal) || !aboutTheFile.includes(error.code)) throw error;
    return { status: 422, view: showRefusedImport(request.fileName, error) };
  }
}

function requestOf(fields: ReadonlyMap<string, string>, fileName: string, dryRun: boolean): BillImportRequest {
  const account = fields.get('account')?.trim().slice(0, 200) ?? '';
  const overlap = fields.get('overlap');
  const answers = [...fields].flatMap(([name, text]): [string, string][] => {
    const id = /^answer\.([a-z-]{1,60})$/.exec(name)?.[1];
    return id === undefined || text.trim() === '' ? [] : [[id, text.trim().slice(0, 200)]];
  });
  return {
    fileName: fileName === '' ? 'bill' : fileName,
    source: null,
    account: account === '' ? null : account.replaceAll(/\p{C}/gu, ''),
    period: null,
    dryRun,
    answers: Object.fromEntries(answers),
    mapping: null,
    models: {},
    payable: [],
    overlap: overlap === 'replace' || overlap === 'add' ? overlap : 'refuse',
  };
}

import { createRequire } from 'node:module';
import { init } from 'excelize-wasm';

export type Excelize = Awaited<ReturnType<typeof init>>;

/**
 * A fresh spreadsheet engine that has never seen our code: excelize in WebAssembly.
 *
 * It imports `node:fs` through `Function('m', 'return import(m)')`, whose compiled code Node keeps for the whole process:
 * in the second test file of a process the import would belong to the first one's modules, which are gone. So while it
 * starts, `Function` gives it an import of ours.
 */
export async function loadExcelize(): Promise<Excelize> {
  const main = createRequire(import.meta.url).resolve('excelize-wasm');
  const { Function: compiled } = globalThis;
  globalThis.Function = (() => (name: string) => import(name)) as unknown as FunctionConstructor;
  try {
    return await init(main.replace('main.cjs', 'excelize.wasm.gz'));
  } finally {
    globalThis.Function = compiled;
  }
}

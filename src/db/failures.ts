/** SQLSTATE of what ends the embedded database: disk full, an aborted runtime. The next statement would never return. */
const fatalCodes = new Set(['53100', 'XX000']);

/** The server is restarting, gone or not yet up: the same request works a little later. */
const unavailableCodes = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '53300',
  '08000',
  '08001',
  '08003',
  '08006',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
]);

const uniqueViolation = '23505';

export function isFatal(error: unknown): boolean {
  return fatalCodes.has(codeOf(error)) || /PANIC|Aborted\(|RuntimeError/.test(messageOf(error));
}

export function isUnavailable(error: unknown): boolean {
  return (
    unavailableCodes.has(codeOf(error)) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      messageOf(error),
    )
  );
}

export function isTaken(error: unknown): boolean {
  return codeOf(error) === uniqueViolation;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : '';
}

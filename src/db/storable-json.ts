/** A database's text holds neither NUL nor half a character: both become the sign for what could not be read. */
export function storableJson(json: string): string {
  return json.replaceAll(/\\\\|\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, (sequence) =>
    sequence === '\\\\' ? sequence : '\ufffd',
  );
}

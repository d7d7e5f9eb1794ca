/** `attachment` with the name of a file as it was sent, its ending included. */
export function attachment(name: string): string {
  const [, stem = name, extension = 'bin'] = /^(.*)\.([A-Za-z0-9]{1,10})$/.exec(name) ?? [];
  return fileName(stem, extension);
}

/** `attachment` with the name of a scenario as RFC 6266 wants it: a plain one for everybody, the true one in UTF-8. */
export function fileName(name: string, extension: string): string {
  const safe =
    name
      .toWellFormed()
      .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
      .trim()
      .slice(0, 80) || 'forecast';
  const plain = safe.normalize('NFKD').replace(/[^\x20-\x7e]+/g, '') || 'forecast';
  const escaped = encodeURIComponent(`${safe}.${extension}`).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}.${extension}"; filename*=UTF-8''${escaped}`;
}

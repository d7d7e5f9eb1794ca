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

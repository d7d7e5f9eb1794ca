/**
 * The characters of a file from its bytes: UTF-8, or UTF-16 where a byte-order mark says so; the mark itself is gone.
 * Bytes that are no UTF-8 come out as U+FFFD, which the readers refuse with its line.
 */
export async function* decodeText(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let start = new Uint8Array(0);
  for await (const piece of pieces) {
    if (decoder === null) {
      start = start.length === 0 ? Uint8Array.from(piece) : Uint8Array.from(Buffer.concat([start, piece]));
      if (start.length < 2) continue;
      decoder = new TextDecoder(encodingOf(start));
      yield decoder.decode(start, { stream: true });
    } else yield decoder.decode(piece, { stream: true });
  }
  yield decoder === null ? new TextDecoder().decode(start) : decoder.decode();
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

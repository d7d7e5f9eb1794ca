import { isError } from '../formula/values.ts';
import { absolute, monthColumn, onSheet, relative, totalColumn } from './addresses.ts';
import type { Book } from './book.ts';
import type { Draft } from './draft.ts';
import { openDraft, putFormula, putHeading, putText } from './draft.ts';
import { unitText } from './formats.ts';

const facts = ['valid_from', 'known_at', 'checked_at', 'catalogue', 'derived_from'] as const;

/** Every number that comes from outside the scenario: what it is, its value, where it is from, and when it was checked. */
export function layOutSources(book: Book): Draft {
  const draft = openDraft('Sources');
  putHeading(draft, 'Numbers from outside', {
    3: 'LLM and meter',
    4: 'Unit',
    5: 'Value',
    6: 'Source',
    7: 'Valid from',
    8: 'Known at',
    9: 'Checked',
    10: 'Catalogue',
    11: 'Derived from',
  });
  for (const { index, label, unit, id, content } of book.program.rows) {
    const place = book.placed.places.get(index);
    if (content.kind !== 'input' || place === undefined) continue;
    const { source, details, mean_of } = content.input;
    if (source === null || source === 'Scenario') continue;
    const row = draft.next++;
    const provider = details?.provider === undefined ? '' : `${details.provider}, `;
    putText(draft, row, 2, `${provider}${label}`, 'label');
    putText(draft, row, 3, [details?.model, details?.meter].filter(Boolean).join(' · '), 'note');
    putText(draft, row, 4, unitText(unit, book.scenario.currency), 'unit');
    const address = place.months ? relative(monthColumn(1), place.row) : absolute(totalColumn, place.row);
    const value = book.exact[index]?.[0];
    if (value !== undefined && !isError(value))
      putFormula(draft, row, 5, onSheet(place.sheet, address, null), value, 'calculation', book.formats.of(unit, id));
    putText(draft, row, 6, source, 'text');
    for (const [i, fact] of facts.entries()) putText(draft, row, 7 + i, details?.[fact] ?? '', 'text');
    for (const part of mean_of ?? []) {
      const line = draft.next++;
      const { model = '', meter = '', utc_hours = '' } = part.details;
      putText(draft, line, 2, `of which ${part.share} at ${part.value}`, 'note');
      putText(draft, line, 3, [model, meter, utc_hours].filter((text) => text !== '').join(' · '), 'note');
      putText(draft, line, 4, unitText(unit, book.scenario.currency), 'unit');
      putText(draft, line, 6, part.source, 'text');
      for (const [i, fact] of facts.entries()) putText(draft, line, 7 + i, part.details[fact] ?? '', 'text');
    }
  }
  return draft;
}

/** A notice for people: every text is plain, and each form it is shown in escapes it in its own way. */
export type NoticeView = {
  /** One line, which says the most. */
  readonly headline: string;
  /** Whole sentences. */
  readonly paragraphs: readonly string[];
  /** Label and figure, in the order they are read. */
  readonly figures: readonly { readonly label: string; readonly value: string }[];
  /** What makes it up, under a title; null where nothing does. */
  readonly list: {
    readonly title: string;
    readonly rows: readonly { readonly label: string; readonly value: string }[];
  } | null;
  readonly links: readonly { readonly label: string; readonly url: string }[];
};

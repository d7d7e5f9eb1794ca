import type { ColumnType } from 'kysely';

/** A column that the database fills where a row leaves it out. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>;
/** RFC 3339 in UTC; the column is `timestamptz`, and its parser gives text. */
export type Instant = string;
/** Read as a value, written as text. */
export type Json = ColumnType<unknown, string, string>;

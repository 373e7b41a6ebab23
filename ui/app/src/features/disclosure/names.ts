// What the files are called that are handed out.

/** A case's number, without what no file name can hold. */
export const caseName = (number: string): string => `case-${number.trim().replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|-+$/g, "")}.zip`;

/** "records-public-2026-10-01-to-2026-11-01.zip", by days of the agency's calendar. */
export const recordsName = (profile: string, since: string, until: string): string => `records-${profile}-${since}-to-${until}.zip`;

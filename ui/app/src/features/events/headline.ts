// A read's headline names the reader by its id; people know it by its name.

export function withReader(headline: string, nameOf: (id: string) => string | undefined): string {
  return headline.replace(/( read by )(\S+)$/, (_, by: string, id: string) => by + (nameOf(id) ?? id));
}

/** Hands a file to the browser, which saves it as any download. */
export function saved(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  // Some browsers read it only after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

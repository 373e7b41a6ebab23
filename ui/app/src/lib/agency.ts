// Whose hub this is: known only to who is signed in, so that the sign-in page says it from memory.
const KEY = "watchfloor.agency";

export const agency = {
  name: (): string | null => localStorage.getItem(KEY),
  remember: (name: string): void => localStorage.setItem(KEY, name),
};

// Dark unless the person chose light; the choice stays on this machine.

export type Theme = "dark" | "light";

const KEY = "watchfloor.theme";

class Appearance {
  theme = $state<Theme>("dark");

  start(): void {
    this.#apply(localStorage.getItem(KEY) === "light" ? "light" : "dark");
  }

  toggle(): void {
    this.#apply(this.theme === "dark" ? "light" : "dark");
    localStorage.setItem(KEY, this.theme);
  }

  #apply(theme: Theme): void {
    document.documentElement.dataset.theme = theme;
    this.theme = theme;
  }
}

export const appearance = new Appearance();

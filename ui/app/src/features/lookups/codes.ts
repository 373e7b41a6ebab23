// By source, the purpose that was last chosen of its own list: no form asks twice. It lives as long as
// the page.
export const codes = new Map<string, string>();

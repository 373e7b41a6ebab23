export const keysShown = $state({ open: false });

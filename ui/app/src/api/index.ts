export * from "./types";
export { Problem } from "./client";
export * as alerts from "./alerts";
export * as assets from "./assets";
export * as events from "./events";
export * as hub from "./hub";
export * as settings from "./settings";
export * as sources from "./sources";
export { search } from "./search";

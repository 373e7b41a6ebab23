// Fetched when something is open that can be asked about: most of the time nobody does.
export { default as Lookups } from "./Lookups.svelte";
export { default as Deeds } from "../deeds/Deeds.svelte";

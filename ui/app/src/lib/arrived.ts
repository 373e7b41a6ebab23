/** Where a window that comes back from a vendor tells the others of its browser. */
export const ARRIVED = "watchfloor.vendor";

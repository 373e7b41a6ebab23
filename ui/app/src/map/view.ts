// The map's view in the address bar: latitude, longitude, zoom.
import type { View } from "./mapview";

export function readView(text: string | null): View | null {
  const [lat, lon, zoom] = (text ?? "").split(",").map(Number);
  const given = [lat, lon, zoom].every((value) => Number.isFinite(value));
  return text && given ? { lat: lat!, lon: lon!, zoom: zoom! } : null;
}

export const writeView = ({ lat, lon, zoom }: View): string => `${lat.toFixed(5)},${lon.toFixed(5)},${zoom.toFixed(2)}`;

import type { Alert } from "../../api";

/** The hit whose check is open. */
export const verifying = $state<{ alert: Alert | null }>({ alert: null });

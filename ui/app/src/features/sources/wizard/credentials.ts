// What each kind of credential is made of, under the names that connectors read it by.
import type { connectors } from "../../../api";
import { fieldOf, type Field } from "../../../lib/schema";

type Part = [name: string, title: string, help?: string];

const NEEDED: Record<connectors.CredentialKind, Part[]> = {
  api_key: [["api_key", "Key"]],
  token: [["token", "Token"]],
  basic: [["username", "User"], ["password", "Password"]],
  oauth2_client: [["client_id", "Client id"], ["client_secret", "Client secret"]],
  hmac_secret: [["secret", "Secret"]],
  client_certificate: [["certificate", "Certificate", "PEM, from BEGIN to END."], ["private_key", "Private key", "PEM, from BEGIN to END."]],
};

/** What some vendors want besides, or instead. */
const MORE: Record<connectors.CredentialKind, Part[]> = {
  api_key: [],
  token: [],
  basic: [["application_id", "Application id"], ["private_key", "Private key", "Instead of a password: SFTP."], ["passphrase", "Passphrase of the private key"]],
  oauth2_client: [["username", "User"], ["password", "Password"], ["totp_seed", "Seed of one-time codes"], ["refresh_token", "Refresh token"], ["private_key", "Private key"], ["key_id", "Key id"]],
  hmac_secret: [["key_id", "Key id"]],
  client_certificate: [["password", "Password of the private key"], ["pkcs12", "PKCS #12 file in base64", "Instead of certificate and key."]],
};

const OPEN = new Set(["username", "client_id", "application_id", "key_id", "certificate"]);
const LONG = new Set(["certificate", "private_key", "pkcs12"]);

/** Nothing is required of the browser: what is left empty stays as the keyring has it. */
const partOf = ([name, title, description]: Part): Field => ({
  ...fieldOf(name, { type: "string", title, description }, true),
  secret: !OPEN.has(name),
  long: LONG.has(name),
});

export const neededOf = (kind: connectors.CredentialKind): Field[] => (NEEDED[kind] ?? NEEDED.token).map(partOf);
export const moreOf = (kind: connectors.CredentialKind): Field[] => (MORE[kind] ?? []).map((part) => ({ ...partOf(part), required: false }));

// The typed client: every path, body and answer is checked by the compiler.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type Schemas = components["schemas"];
export type Shequ = Client<paths>;

/** The system at `url`, seen by whoever the access token is of; by nobody without one. */
export function shequ(url: string, token?: string): Shequ {
  return createClient<paths>({
    baseUrl: url,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
}

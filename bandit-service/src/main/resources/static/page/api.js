/** Calls to the service this page came from. */

/** An answer other than a success, or none at all (status 0). */
export class Problem extends Error {
  constructor(status, detail, field) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

const PATIENCE_MS = 15_000;

/** The paths of an experiment; ids are data. */
export const pathOf = (id, rest = "") => `experiments/${encodeURIComponent(id)}${rest}`;

export async function get(path) {
  return (await call("GET", path)).body;
}

/** @returns {Promise<{body: object, etag: string}>} */
export async function call(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Problem(0, "The service does not answer.");
  }
  let json;
  try {
    json = await response.json();
  } catch {
    throw new Problem(response.ok ? 0 : response.status, `The service answered with status ${response.status} and no JSON.`);
  }
  if (!response.ok) throw new Problem(response.status, json.detail ?? `Status ${response.status}.`, json.field);
  return { body: json, etag: response.headers.get("ETag") };
}

// Talking to the server: the methods the SDK calls, with the session cookie instead of a token.
import type { List, Session } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

let csrf = "none";

interface Detail {
  message?: string;
  field?: string;
  path?: string[];
}

async function failure(response: Response): Promise<ApiError> {
  let message = `${response.status} ${response.statusText}`;
  let field: string | undefined;
  try {
    const body = (await response.json()) as { error?: string; details?: Detail | Detail[] };
    const detail = Array.isArray(body.details) ? body.details[0] : body.details;
    message = detail?.message ?? body.error ?? message;
    field = detail?.field ?? detail?.path?.[0];
  } catch {
    // not ours: the status line must do
  }
  return new ApiError(response.status, message, field);
}

export interface CallOptions {
  jobId?: number | undefined; // rights and limits of this job
  operation?: string; // names the call: repeating it with the same name takes effect once
  signal?: AbortSignal;
  keepalive?: boolean;
}

// What to do when the session has ended; set by the shell.
export const hooks = { signedOut: () => {} };

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (e) {
    if ((e as Error).name === "AbortError") throw e;
    throw new ApiError(0, "The server cannot be reached.");
  }
  if (response.ok) return response;
  const error = await failure(response);
  if (error.status === 401 && !path.startsWith("/api/session")) hooks.signedOut();
  throw error;
}

async function post(method: string, body: object, o: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { "content-type": "application/json", "x-csrf-token": csrf };
  if (o.jobId) headers["x-job-id"] = String(o.jobId);
  if (o.operation) headers["x-operation-id"] = o.operation;
  const init: RequestInit = { method: "POST", headers, body: JSON.stringify(body) };
  if (o.signal) init.signal = o.signal;
  if (o.keepalive) init.keepalive = true;
  return send(`/public/api/v3/${method}`, init);
}
export const call = async <T>(method: string, body: object = {}, o: CallOptions = {}): Promise<T> => (await post(method, body, o)).json() as Promise<T>;
export const file = async (method: string, body: object): Promise<Blob> => (await post(method, body, {})).blob();

export async function upload<T>(method: string, form: FormData): Promise<T> {
  const response = await send(`/public/api/v3/${method}`, { method: "POST", headers: { "x-csrf-token": csrf }, body: form });
  return (await response.json()) as T;
}

async function bytes(what: string, jobId?: number, signal?: AbortSignal): Promise<Blob> {
  const headers: Record<string, string> = jobId ? { "x-job-id": String(jobId) } : {};
  const response = await send(`/public/api/v3/${what}`, signal ? { headers, signal } : { headers });
  return response.blob();
}
export const imageBlob = (id: number, jobId?: number) => bytes(`images.download?id=${id}`, jobId);
export const thumbnail = (id: number, jobId?: number, signal?: AbortSignal) => bytes(`images.preview?id=${id}&width=320&height=240&method=fit`, jobId, signal);

// Geometries of alpha masks, which annotations leave out: a part for each, named by its figure.
export async function geometries(ids: number[], jobId?: number): Promise<Map<number, { origin: [number, number]; data: string }>> {
  const headers: Record<string, string> = { "content-type": "application/json", "x-csrf-token": csrf };
  if (jobId) headers["x-job-id"] = String(jobId);
  const response = await send("/public/api/v3/figures.bulk.download.geometry", { method: "POST", headers, body: JSON.stringify({ ids }) });
  const parts = new Map<number, { origin: [number, number]; data: string }>();
  for (const [name, value] of await response.formData()) parts.set(Number(name), JSON.parse(typeof value === "string" ? value : await value.text()));
  return parts;
}

// Every page of a list, for those that are short by nature (members, classes, datasets).
export async function all<T>(method: string, body: object, o: CallOptions = {}): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; ; page++) {
    const answer = await call<List<T>>(method, { ...body, page, per_page: 500 }, o);
    rows.push(...answer.entities);
    if (page >= answer.pagesCount) return rows;
  }
}

async function plain<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  const init: RequestInit = { method, headers };
  if (body) init.body = JSON.stringify(body);
  return (await (await send(path, init)).json()) as T;
}

export async function session(): Promise<Session> {
  const s = await plain<Session>("GET", "/api/session");
  csrf = s.csrf ?? "none";
  return s;
}
export const logIn = (login: string, password: string) => plain("POST", "/api/session", { login, password });
export const setUp = (login: string, password: string) => plain("POST", "/api/setup", { login, password });
export const logOut = () => plain("DELETE", "/api/session");
export const renewToken = () => plain<{ token: string }>("POST", "/api/token");

import { i18n } from '@/i18n'

import { networkError, problemOf } from './errors'
import { heard } from './reach'

const ROOT = '/api/v1/'

/** A filter value that means "empty"; '' means no filter. */
export const BLANK = Symbol('blank')
export type Query = Record<string, string | number | boolean | typeof BLANK | null | undefined>

export interface Options {
  query?: Query
  body?: unknown
  /** Idempotency-Key: one for each thing the user wants; a retry uses the same one. */
  key?: string
  signal?: AbortSignal
  /** The media type of a body that is text as it stands, not JSON. */
  type?: string
  /** If-Match: the revision that a change starts from. */
  match?: number
}

let whenLoggedOut: () => void = () => {}

/** Called when the API answers that nobody is logged in any more. */
export function onLoggedOut(callback: () => void): void {
  whenLoggedOut = callback
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ''
}

export function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === BLANK) search.set(name, '')
    else if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const tail = search.toString()
  return `${ROOT}${path}${tail ? `?${tail}` : ''}`
}

/** Headers of every request. */
export function headersOf(method: string, key?: string): Headers {
  const headers = new Headers({
    Accept: 'application/json, application/problem+json',
    'Accept-Language': i18n.global.locale.value === 'en' ? 'en' : 'zh-hans',
  })
  if (key) headers.set('Idempotency-Key', key)
  if (method !== 'GET') headers.set('X-CSRFToken', cookie('csrftoken'))
  return headers
}

function parsed(text: string): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The response's body. Throws an ApiError for an error response, and reports it if nobody is logged in. */
export function settle<T>(status: number, text: string): T {
  heard(status)
  const body = parsed(text)
  if (status >= 200 && status < 300) return body as T
  const error = problemOf(status, body)
  if (error.status === 401 && error.code !== 'bad_credentials') whenLoggedOut()
  throw error
}

async function send<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers = headersOf(method, options.key)
  const isForm = options.body instanceof FormData // the browser sets its content type, with the boundary
  if (options.body !== undefined && !isForm)
    headers.set('Content-Type', options.type ?? 'application/json')
  if (options.match !== undefined) headers.set('If-Match', `"${options.match}"`)
  let response: Response
  try {
    response = await fetch(urlOf(path, options.query), {
      method,
      headers,
      body: isForm || options.type ? (options.body as BodyInit) : JSON.stringify(options.body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: options.signal,
    })
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    heard(0)
    throw networkError(Boolean(options.key))
  }
  return settle<T>(response.status, await response.text())
}

export const http = {
  get: <T>(path: string, options?: Options) => send<T>('GET', path, options),
  post: <T>(path: string, options?: Options) => send<T>('POST', path, options),
  put: <T>(path: string, options?: Options) => send<T>('PUT', path, options),
  delete: <T = void>(path: string, options?: Options) => send<T>('DELETE', path, options),
  patch: <T>(path: string, options?: Options) => send<T>('PATCH', path, options),
}

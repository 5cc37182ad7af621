import { i18n } from '@/i18n'

export interface FieldProblem {
  path: string
  code: string
  message: string
}

export interface Problem {
  type?: string
  title?: string
  status: number
  code: string
  detail?: string
  errors?: FieldProblem[]
  [extra: string]: unknown
}

/** An error: `message` for people, `code` for programs. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly errors: FieldProblem[]
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title || problem.code)
    this.status = problem.status
    this.code = problem.code
    this.errors = problem.errors ?? []
    this.problem = problem
  }

  /** No answer: the outcome is unknown, and trying again with the same key is safe. */
  get unanswered(): boolean {
    return this.status === 0 || this.status >= 502
  }
}

/** `again`: the request had a key, so repeating it does nothing twice. */
export function networkError(again = false): ApiError {
  const { t } = i18n.global
  const code = navigator.onLine ? 'unreachable' : 'offline'
  const what = t(`error.${code}`)
  return new ApiError({ status: 0, code, detail: again ? t('error.again', { what }) : what })
}

/** Anything thrown, as an ApiError; the message of a bug of ours is not shown. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError({ status: -1, code: 'unexpected', detail: i18n.global.t('error.unexpected') })
}

/** The error from the API's response; proxies in between may answer in HTML, which gives a general message. */
export function problemOf(status: number, body: unknown): ApiError {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>
  const { t } = i18n.global
  const fallback =
    status >= 500 ? 'server' : status === 404 ? 'not_found' : status === 403 ? 'forbidden' : 'other'
  return new ApiError({
    ...given,
    status,
    code: given.code ?? fallback,
    detail: given.detail || given.title || t(`error.${fallback}`),
    errors: Array.isArray(given.errors) ? given.errors : [],
  })
}

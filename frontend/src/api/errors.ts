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

/** What went wrong, in words for people (`message`) and for programs (`code`). */
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

  /** Nobody answered: the outcome is unknown and trying again is safe with the same key. */
  get unanswered(): boolean {
    return this.status === 0 || this.status >= 502
  }
}

/** `again`: it carried a key, so that pressing once more does nothing twice. */
export function networkError(again = false): ApiError {
  const { t } = i18n.global
  const code = navigator.onLine ? 'unreachable' : 'offline'
  const what = t(`error.${code}`)
  return new ApiError({ status: 0, code, detail: again ? t('error.again', { what }) : what })
}

/** Whatever was thrown as an ApiError; a bug of ours keeps its own message out of sight. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError({ status: -1, code: 'unexpected', detail: i18n.global.t('error.unexpected') })
}

/** The API's answer to a refusal; servers in between may answer in HTML, and we still say something. */
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

import { http } from './http'
import type { Host, Page } from './types'

export const hosts = {
  list: (
    query: { q?: string; limit?: number; cursor?: string | null } = {},
    signal?: AbortSignal,
  ) => http.get<Page<Host>>('hosts', { query, signal }),
}

import { http } from './http'
import type { Job, LogPart } from './types'

export const jobs = {
  get: (id: number) => http.get<Job>(`jobs/${id}`),
  log: (id: number, offset: number) => http.get<LogPart>(`jobs/${id}/log`, { query: { offset } }),
  cancel: (id: number, key: string) => http.post<Job>(`jobs/${id}/cancel`, { body: {}, key }),
  rerun: (id: number, hosts: 'failed' | 'all', comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/rerun`, { body: { hosts, comment }, key }),
  resolve: (id: number, comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/resolve`, { body: { comment }, key }),
}

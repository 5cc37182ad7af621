import { http, urlOf } from './http'
import type { ReportSummary } from './types'

export const reports = {
  summary: (month: string) => http.get<ReportSummary>('reports/summary', { query: { month } }),
  workbookUrl: (month: string) => urlOf('reports/monthly.xlsx', { month }),
}

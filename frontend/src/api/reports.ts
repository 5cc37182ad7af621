import { http, urlOf } from './http'
import type { Page, ReportRun, ReportSummary } from './types'

export const reports = {
  summary: (month: string) => http.get<ReportSummary>('reports/summary', { query: { month } }),
  runs: () => http.get<Page<ReportRun>>('reports/runs'),
  workbookUrl: (month: string) => urlOf('reports/monthly.xlsx', { month }),
}

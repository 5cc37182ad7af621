import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import type { Me, ReportSummary } from '@/api/types'
import { openView, refused, silence, type Reply } from '@/testing/view'

import ReportView from './ReportView.vue'

// What draws the chart weighs a second of loading.
vi.mock('@/components/report/DayChart.vue', () => ({
  __esModule: true,
  default: { props: ['days'], template: '<p data-testid="chart">{{ days.length }}</p>' },
}))

const summary: ReportSummary = {
  month: '2026-10',
  total: 12,
  completed: 9,
  open: 1,
  vetoed: 1,
  withdrawn: 1,
  failed: 0,
  on_time_rate: 0.75,
  median_hours: 3.5,
  satisfaction: { average: 4.5, count: 2 },
  by_state: [{ state: 'completed', count: 9 }],
  by_template: [
    { key: 'leave', name: { zh: '请假' }, submitted: 12, completed: 9, median_hours: 3.5 },
  ],
  by_handler: [{ username: 'bob', name: '周博', decided: 11, on_behalf: 0, median_hours: null }],
  by_day: [{ date: '2026-10-01', submitted: 1, completed: 0 }],
}
const none: ReportSummary = { ...summary, total: 0, by_state: [], by_template: [], by_handler: [] }

function open(
  answer: Reply,
  me: Partial<Me> = { permissions: ['reports.view'] },
  month = '2026-10',
) {
  const answers = { 'GET reports/summary': answer, 'GET reports/runs': { results: [], next: null } }
  return openView(ReportView, { at: `/reports/${month}`, me, answers }, { month })
}

describe('the report of a month', () => {
  it('shows its figures, its tables and the workbook of the same month', async () => {
    const { wrapper, byHook, asked } = await open(summary)
    await flushPromises()
    expect(asked('GET reports/summary')[0]?.query).toEqual({ month: '2026-10' })
    for (const words of ['12', '请假', '周博', '4.5']) expect(wrapper.text()).toContain(words)
    expect(byHook('chart').text()).toBe('1')
    expect(byHook('report-download').attributes('href')).toBe(
      '/api/v1/reports/monthly.xlsx?month=2026-10',
    )
  })

  it('goes a month back, and not beyond the present', async () => {
    const { wrapper, router } = await open(summary)
    const [back] = wrapper.findAll('.month button')
    await back?.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/reports/2026-09')
    const now = new Date()
    const present = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`
    const today = await open(none, { permissions: ['reports.view'] }, present)
    expect(today.wrapper.findAll('.month button')[1]?.attributes('disabled')).toBeDefined()
  })

  it('shows that it loads, and teaches where the month is empty', async () => {
    const waiting = await open(silence)
    expect(waiting.wrapper.find('.loading').exists()).toBe(true)
    const { wrapper } = await open(none)
    expect(wrapper.get('.empty').text()).toContain('2026-10')
    expect(wrapper.find('.report').exists()).toBe(false)
  })

  it('offers nothing to those who may not see it, and says why', async () => {
    const { wrapper } = await open(refused(403, { code: 'not_allowed', detail: '没有权限' }), {})
    expect(wrapper.get('[role="alert"]').text()).toContain('没有权限')
    expect(wrapper.find('[data-testid="report-download"]').exists()).toBe(false)
    expect(wrapper.find('.month').exists()).toBe(false)
  })
})

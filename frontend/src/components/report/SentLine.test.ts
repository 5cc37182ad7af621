import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'

import { reports } from '@/api/reports'
import type { ReportRun } from '@/api/types'
import { i18n } from '@/i18n'
import SentLine from './SentLine.vue'

type Sent = ReportRun['sent_to'][number]
const row = (username: string, more: Partial<Sent> = {}): Sent => ({
  username,
  name: username.toUpperCase(),
  channel: 'mail',
  state: 'sent',
  at: '2026-12-01T00:00:30+00:00',
  error: '',
  ...more,
})

async function shown(sent_to: Sent[], month = '2026-11'): Promise<string[]> {
  const run = { period: '2026-11', at: '2026-12-01T00:00:00Z', file: 'baton-2026-11.xlsx', sent_to }
  vi.spyOn(reports, 'runs').mockResolvedValue({ results: [run], next: null })
  const line = mount(SentLine, { props: { month }, global: { plugins: [i18n] } })
  await flushPromises()
  return line.findAll('p').map((p) => p.text())
}

afterEach(() => vi.restoreAllMocks())

test('says when and to whom, each person once', async () => {
  const [line, ...rest] = await shown([row('erin'), row('erin', { channel: 'wecom' }), row('bob')])
  expect(rest).toEqual([])
  expect(line).toMatch(
    /^工作簿已自动发给 ERIN（邮件、企业微信）、BOB（邮件），\d{4}-\d\d-\d\d \d\d:\d\d。$/,
  )
})

test('says what is still under way and what was given up, and why', async () => {
  const said = await shown([
    row('erin', { state: 'failed', at: null }),
    row('bob', { state: 'dead', at: null, error: 'no mail address' }),
  ])
  expect(said).toEqual([
    '还没送到：ERIN（邮件），会自动重试。',
    '没能送到 BOB（邮件）：no mail address',
  ])
})

test('says nothing of another month, or where nobody was named', async () => {
  expect(await shown([row('erin')], '2026-10')).toEqual([])
  expect(await shown([])).toEqual([])
})

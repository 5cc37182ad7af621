import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import { openView, refused, type Reply } from '@/testing/view'

import TemplateView from './TemplateView.vue'
import TemplatesView from './TemplatesView.vue'

const PATIENCE = { timeout: 5000 }
const aDraft = (source: string, revision: number, changed_by = 'admin') => ({
  key: 'leave',
  source,
  revision,
  base: 1,
  changed_by,
  changed_at: '2026-11-20T02:00:00Z',
})
const VERSIONS = {
  results: [1].map((version) => ({
    version,
    state: 'published',
    created_by: 'admin',
    created_at: '2026-11-20T02:00:00Z',
    published_at: '2026-11-20T02:00:00Z',
    note: '先这样',
    publishes_at: null,
    refused: [],
  })),
  next: null,
}
const GOOD = { ok: true, errors: [], warnings: [], mermaid: '' }
const open = (answers: Record<string, Reply> = {}) =>
  openView(
    TemplateView,
    {
      at: '/admin/templates/leave',
      answers: {
        'GET templates/leave/draft': aDraft('key: leave', 3),
        'GET templates/leave/versions': VERSIONS,
        'POST templates/check': GOOD,
        ...answers,
      },
    },
    { template: 'leave' },
  )

describe('the studio', () => {
  it('saves what is typed, from the revision that it opened', async () => {
    const { byHook, asked } = await open({
      'PUT templates/leave/draft': ({ body }) => aDraft(String(body), 4),
    })
    await byHook('template-source').setValue('key: leave # 2')
    expect(byHook('publish').attributes('disabled')).toBeDefined()
    await vi.waitFor(() => expect(asked('PUT templates/leave/draft')).toHaveLength(1), PATIENCE)
    const [sent] = asked('PUT templates/leave/draft')
    expect([sent?.body, sent?.match]).toEqual(['key: leave # 2', '"3"'])
    await vi.waitFor(() => expect(byHook('publish').attributes('disabled')).toBeUndefined())
  })

  it('keeps both texts where somebody else was faster', async () => {
    let stored = aDraft('key: leave', 3)
    const page = await open({
      'GET templates/leave/draft': () => stored,
      'PUT templates/leave/draft': ({ match, body }) => {
        if (match === '"7"') return aDraft(String(body), 8)
        stored = aDraft('key: leave # theirs', 7, 'erin')
        return refused(412, { code: 'changed_meanwhile', detail: '别人刚改过。' })
      },
    })
    await page.byHook('template-source').setValue('key: leave # mine')
    await vi.waitFor(() => page.byHook('keep-mine'), PATIENCE)
    expect(page.wrapper.get('[role="alert"]').text()).toContain('erin')
    await page.byHook('keep-mine').trigger('click')
    await vi.waitFor(() =>
      expect(page.asked('PUT templates/leave/draft').at(-1)?.match).toBe('"7"'),
    )
    expect(page.asked('PUT templates/leave/draft').at(-1)?.body).toBe('key: leave # mine')
  })

  it('says what is to mend, and publishes nothing before', async () => {
    const errors = [{ path: 'line 3, column 1', code: 'malformed_yaml', message: '缺一个括号' }]
    const { byHook } = await open({ 'POST templates/check': { ...GOOD, ok: false, errors } })
    expect(byHook('check-errors').text()).toContain('缺一个括号')
    expect(byHook('publish').attributes('disabled')).toBeDefined()
  })

  it('says that the versions could not be read, which is not that there are none', async () => {
    const { wrapper } = await open({
      'GET templates/leave/versions': () =>
        refused(503, { code: 'unavailable', detail: '稍后再试。' }),
    })
    expect(wrapper.text()).toContain('稍后再试。')
    const fresh = await open({ 'GET templates/leave/versions': () => refused(404) })
    expect(fresh.wrapper.find('[role="alert"]').exists()).toBe(false)
  })

  it('publishes the draft that is on the screen, with a note', async () => {
    const { wrapper, byHook, asked } = await open({
      'POST templates/leave/publish': { key: 'leave', version: 2, published: true, warnings: [] },
    })
    await byHook('publish').trigger('click')
    await byHook('publish-note').setValue('天数不限')
    await wrapper.get('#publish-form').trigger('submit')
    await flushPromises()
    const [sent] = asked('POST templates/leave/publish')
    expect([sent?.body, sent?.match]).toEqual([{ draft: true, note: '天数不限' }, '"3"'])
  })

  it('warns before it takes a template off offer', async () => {
    const { byHook, asked } = await open({
      'POST templates/leave/retire': { key: 'leave', version: 1, published: false },
    })
    await byHook('retire').trigger('click')
    expect(asked('POST templates/leave/retire')).toHaveLength(0)
    await byHook('dialog-confirm').trigger('click')
    await flushPromises()
    expect(asked('POST templates/leave/retire')).toHaveLength(1)
  })
})

describe('the list of templates', () => {
  const row = (key: string, version: number | null) => ({
    key,
    name: key,
    category: '',
    version,
    newest: 1,
    published_at: null,
    publishes_at: null,
    draft: null,
  })
  const list = (answer: Reply) =>
    openView(TemplatesView, {
      at: '/admin/templates',
      answers: { 'GET studio/templates': answer },
    })

  it('says which are offered', async () => {
    const { byHook } = await list({ results: [row('leave', 3), row('old', null)], next: null })
    expect(byHook('template-row-leave').text()).toContain('第 3 版')
    expect(byHook('template-row-old').text()).toContain('未提供')
  })

  it('teaches while there are none, and begins one', async () => {
    const { wrapper, byHook } = await list({ results: [], next: null })
    expect(wrapper.text()).toContain('还没有模板')
    await byHook('template-new').trigger('click')
    expect(byHook('template-begin').attributes('disabled')).toBeDefined()
    await byHook('template-zh').setValue('请假')
    await byHook('template-key').setValue('leave')
    expect(byHook('template-begin').attributes('disabled')).toBeUndefined()
  })

  it('says what went wrong', async () => {
    const { wrapper } = await list(() =>
      refused(503, { code: 'unavailable', detail: '稍后再试。' }),
    )
    expect(wrapper.text()).toContain('稍后再试。')
  })
})

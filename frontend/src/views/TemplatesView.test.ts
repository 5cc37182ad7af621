import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { TemplateSummary } from '@/api/types'
import { openView, refused, silence, type Reply } from '@/testing/view'

import TemplatesView from './TemplatesView.vue'

const aTemplate = (key: string, name: string, category: string): TemplateSummary => ({
  key,
  name: { zh: name },
  category: { zh: category },
  description: '',
  version: 1,
  form: [],
  chain: [],
})
const page = (...results: object[]) => ({ results, next: null })
const open = (answer: Reply) =>
  openView(TemplatesView, { at: '/templates', answers: { 'GET templates': answer } })

describe('the gallery', () => {
  it('groups what may be asked for by category, and finds by name or key', async () => {
    const { wrapper, byHook } = await open(
      page(
        aTemplate('leave', '请假', '人事'),
        aTemplate('dns-record', '域名解析', '变更'),
        aTemplate('travel', '差旅报销', '人事'),
      ),
    )
    expect(wrapper.findAll('h2').map((one) => one.text())).toEqual(['人事', '变更'])
    const search = wrapper.get('input[type="search"]')
    await search.setValue('DNS')
    expect(wrapper.findAll('h2').map((one) => one.text())).toEqual(['变更'])
    expect(byHook('template-card-dns-record').text()).toContain('域名解析')
    await search.setValue('没有这个')
    expect(wrapper.text()).toContain('没有这个')
    await wrapper.get('.empty button').trigger('click')
    expect(wrapper.findAll('h2')).toHaveLength(2)
  })

  it('shows that it loads, and teaches where nothing is on offer', async () => {
    const waiting = await open(silence)
    expect(waiting.wrapper.find('.loading').exists()).toBe(true)
    const { wrapper } = await open(page())
    expect(wrapper.get('.empty .title').text()).not.toBe('')
  })

  it('says what went wrong, and tries again', async () => {
    const answers = [refused(500, { code: 'server', detail: '出错了' })]
    const { wrapper, byHook } = await open(
      () => answers.shift() ?? page(aTemplate('leave', '请假', '人事')),
    )
    expect(wrapper.get('[role="alert"]').text()).toContain('出错了')
    await wrapper.get('[role="alert"] button').trigger('click')
    await flushPromises()
    expect(byHook('template-card-leave').text()).toContain('请假')
  })

  it('goes on where there are more than one page holds', async () => {
    const pages = [
      { ...page(aTemplate('leave', '请假', '人事')), next: 'c2' },
      page(aTemplate('travel', '差旅报销', '人事')),
    ]
    const { wrapper, asked } = await open(() => pages.shift() ?? page())
    await wrapper.get('button').trigger('click')
    await flushPromises()
    expect(asked('GET templates')[1]?.query).toMatchObject({ cursor: 'c2' })
    expect(wrapper.findAll('[data-testid^="template-card-"]')).toHaveLength(2)
  })
})

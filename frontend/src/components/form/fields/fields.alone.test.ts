import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { FieldProblem } from '@/api/errors'
import type { Field, FormValues } from '@/api/types'

import FormRenderer from '../FormRenderer.vue'

const uploads: { resolve: (body: object) => void; reject: () => void }[] = []
vi.mock('@/api/attachments', () => ({
  attachments: {
    url: (id: string) => `/api/v1/attachments/${id}`,
    upload: () =>
      new Promise((resolve, reject) =>
        uploads.push({ resolve, reject: () => reject(new Error('gone')) }),
      ),
  },
}))
afterEach(() => uploads.splice(0))

// The date picker's library loads slowly on a busy machine.
const SOON = { timeout: 50_000 }
vi.setConfig({ testTimeout: 60_000 })

async function form(field: Field, values: FormValues = {}, problems: FieldProblem[] = []) {
  const wrapper = mount(FormRenderer, {
    props: {
      fields: [field],
      problems,
      modelValue: values,
      'onUpdate:modelValue': (next: FormValues) => wrapper.setProps({ modelValue: next }),
    },
    global: { plugins: [createPinia()] },
    attachTo: document.body,
  })
  await vi.waitFor(() => wrapper.get(`[data-testid="field-${field.key}"]`), SOON)
  const get = (hook: string) => wrapper.get(`[data-testid="${hook}"]`)
  return { wrapper, get, value: () => wrapper.props('modelValue')[field.key] }
}

const problem = (path: string): FieldProblem => ({ path, code: 'required', message: '请填写。' })

describe('money', () => {
  it('is typed plainly and read grouped; going there changes nothing that is selected', async () => {
    const { get, value } = await form({ key: 'm', type: 'money', label: '预算' }, { m: 1234.5 })
    const input = get('field-m')
    const shown = () => (input.element as HTMLInputElement).value
    expect(shown()).toBe('1,234.50')
    await input.trigger('focus')
    expect(shown()).toBe('1,234.50')
    for (const typed of ['2', '2.', '2.0', '2.05']) await input.setValue(typed)
    expect(value()).toBe(2.05)
    expect(shown()).toBe('2.05')
    await input.trigger('blur')
    expect(shown()).toBe('2.05')
    await input.setValue('12,000')
    expect(value()).toBe(12000)
  })
})

describe('table', () => {
  const items: Field = {
    key: 'items',
    type: 'table',
    label: '明细',
    max_items: 3,
    columns: [
      { key: 'name', type: 'text', label: '名称', required: true },
      { key: 'price', type: 'money', label: '单价', default: 10 },
    ],
  }

  it('adds a row with the defaults of its columns, copies it, takes it out, and adds up', async () => {
    const { wrapper, get, value } = await form(items, { items: [] })
    await get('add-items').trigger('click')
    expect(value()).toEqual([{ name: undefined, price: 10 }])
    await get('field-items-0-name').setValue('硬盘')
    await wrapper.get('[aria-label="复制第 1 行"]').trigger('click')
    expect(value()).toEqual([
      { name: '硬盘', price: 10 },
      { name: '硬盘', price: 10 },
    ])
    await get('field-items-1-price').setValue('0.5')
    expect(get('total-items-price').text()).toBe('¥ 10.50')
    await wrapper.get('[aria-label="删除第 1 行"]').trigger('click')
    expect(value()).toEqual([{ name: '硬盘', price: 0.5 }])
  })

  it('takes no more rows than it may', async () => {
    const { get } = await form(items, { items: [{}, {}, {}] })
    expect(get('add-items').attributes('disabled')).toBeDefined()
  })

  it('says what is wrong at the cell, once that cell was left', async () => {
    const wrong = [problem('form.items[1].name'), problem('form.items[0].name')]
    const { wrapper, get } = await form(items, { items: [{}, {}] }, wrong)
    expect(wrapper.findAll('[role="alert"]')).toHaveLength(0)
    await get('field-items-1-name').trigger('blur')
    expect(wrapper.findAll('[role="alert"]')).toHaveLength(1)
    expect(get('field-items-1-name').attributes('aria-invalid')).toBe('true')
    expect(get('field-items-0-name').attributes('aria-invalid')).toBe('false')
  })
})

describe('attachment', () => {
  const files: Field = { key: 'files', type: 'attachment', label: '附件', max_items: 2 }
  const choose = async (
    input: ReturnType<Awaited<ReturnType<typeof form>>['get']>,
    ...names: string[]
  ) => {
    const chosen = names.map((name) => new File(['x'], name))
    Object.defineProperty(input.element, 'files', { value: chosen, configurable: true })
    await input.trigger('change')
  }

  it('sends a file at once, keeps its id, and lets go of it again', async () => {
    const { wrapper, get, value } = await form(files, { files: [] })
    await choose(get('file-files'), '规格.txt')
    expect(wrapper.find('progress').exists()).toBe(true)
    uploads[0]?.resolve({ id: 'a1', name: '规格.txt', size: 1, content_type: 'text/plain' })
    await flushPromises()
    expect(value()).toEqual(['a1'])
    expect(wrapper.get('a').attributes('href')).toBe('/api/v1/attachments/a1')
    await wrapper.get('[aria-label="移除 规格.txt"]').trigger('click')
    expect(value()).toEqual([])
  })

  it('keeps a failed one in sight, with the way to try again', async () => {
    const { wrapper, get, value } = await form(files, { files: [] })
    await choose(get('file-files'), 'a.txt')
    uploads[0]?.reject()
    await flushPromises()
    expect(wrapper.get('[role="alert"]').text()).not.toBe('')
    await wrapper.get('li .button').trigger('click')
    uploads[1]?.resolve({ id: 'a2', name: 'a.txt', size: 1, content_type: '' })
    await flushPromises()
    expect(value()).toEqual(['a2'])
  })

  it('sends no more than there may be', async () => {
    const { wrapper, get } = await form(files, { files: ['x'] })
    await choose(get('file-files'), 'a.txt', 'b.txt')
    expect(uploads).toHaveLength(1)
    expect(wrapper.get('[role="alert"]').text()).toContain('最多 2 个文件')
  })

  it('names the file that the server refused', async () => {
    const { wrapper } = await form(files, { files: ['x', 'y'] }, [problem('form.files[1]')])
    await wrapper.setProps({ showAll: true })
    expect(wrapper.findAll('li')[1]?.text()).toContain('请填写。')
  })
})

describe('cascade', () => {
  const place: Field = {
    key: 'place',
    type: 'cascade',
    label: '地点',
    options: [
      { value: 'sh', label: '上海', children: [{ value: 'zj', label: '张江' }] },
      { value: 'bj', label: '北京' },
    ] as never,
  }

  it('is walked by keyboard, ends at a leaf and can be cleared', async () => {
    const { wrapper, get, value } = await form(place)
    await get('field-place').trigger('click')
    await flushPromises()
    await get('option-sh').trigger('keydown', { key: 'Enter' })
    expect(value()).toBeUndefined()
    await flushPromises()
    await get('option-zj').trigger('keydown', { key: 'Enter' })
    expect(value()).toEqual(['sh', 'zj'])
    expect(get('field-place').text()).toBe('上海 / 张江')
    await wrapper.get('[aria-label="清空地点"]').trigger('click')
    expect(value()).toEqual([])
  })
})

describe('daterange', () => {
  it('counts the days and tells the end what is wrong with it', async () => {
    const range = { start: '2026-11-20', end: '2026-11-24' }
    const field: Field = { key: 'r', type: 'daterange', label: '期间' }
    const { wrapper } = await form(field, { r: range }, [problem('form.r.end')])
    expect(wrapper.text()).toContain('共 5 天')
    await wrapper.setProps({ showAll: true })
    expect(wrapper.get('[role="alert"]').text()).toBe('请填写。')
  })
})

describe('markdown', () => {
  it('shows what it will look like, and never as HTML', async () => {
    const field: Field = { key: 'n', type: 'markdown', label: '说明' }
    const { wrapper, get } = await form(field, { n: '**粗** <img src=x onerror=alert(1)>' })
    await wrapper.findAll('button')[1]?.trigger('click')
    expect(get('look-n').get('strong').text()).toBe('粗')
    expect(get('look-n').find('img').exists()).toBe(false)
  })
})

describe('a locked field', () => {
  it('is shown and not asked', async () => {
    const wrapper = mount(FormRenderer, {
      props: {
        fields: [{ key: 'a', type: 'text', label: '主题' }],
        problems: [problem('form.a')],
        showAll: true,
        locked: new Set(['a']),
        modelValue: { a: '不变' },
      },
      global: { plugins: [createPinia()] },
    })
    expect(wrapper.find('input').exists()).toBe(false)
    expect(wrapper.text()).toContain('不变')
    expect(wrapper.find('[data-invalid="true"]').exists()).toBe(false)
  })
})

import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Field, FormValues } from '@/api/types'
import { shownFields } from '@/lib/form/values'
import { playServer } from '@/testing/server'

import FormRenderer from './FormRenderer.vue'

afterEach(() => vi.unstubAllGlobals())

function form(field: Field, values: FormValues = {}, problems: object[] = []) {
  const wrapper = mount(FormRenderer, {
    props: {
      fields: [field],
      problems: problems as never,
      modelValue: values,
      'onUpdate:modelValue': (next: FormValues) => wrapper.setProps({ modelValue: next }),
    },
  })
  const control = () => wrapper.get(`[data-testid="field-${field.key}"]`)
  return { wrapper, control, value: () => wrapper.props('modelValue')[field.key] }
}

const label = { zh: '服务', en: 'Service' }

describe('FormRenderer', () => {
  it('labels a field for eyes and screen readers alike', () => {
    const { wrapper, control } = form({ key: 'a', type: 'text', label, required: true })
    expect(wrapper.get('label').text()).toBe('服务')
    expect(wrapper.get('label').attributes('for')).toBe(control().attributes('id'))
  })

  it.each(['text', 'textarea'])('writes a %s as it is typed', async (type) => {
    const { control, value } = form({ key: 'a', type, label, max_length: 20 })
    await control().setValue('{{ 7*7 }} <script>')
    expect(value()).toBe('{{ 7*7 }} <script>')
    expect(control().attributes('maxlength')).toBe('20')
  })

  it.each([
    ['12', 12],
    ['-0.5', -0.5],
    ['12x', '12x'],
    ['', undefined],
  ])('reads the number %j as %j', async (typed, read) => {
    const { control, value } = form({ key: 'a', type: 'number', label }, { a: 1 })
    await control().setValue(typed)
    expect(value()).toBe(read)
  })

  it('offers the options of a select, with their labels', async () => {
    const options = ['nginx', { value: 'mysql', label: { zh: '主库', en: 'Primary' } }]
    const { wrapper, control, value } = form({ key: 'a', type: 'select', label, options })
    expect(wrapper.findAll('option').map((option) => option.text())).toEqual([
      '请选择',
      'nginx',
      '主库',
    ])
    await control().setValue('mysql')
    expect(value()).toBe('mysql')
  })

  it('turns a switch on and off', async () => {
    const { control, value } = form({ key: 'a', type: 'switch', label }, { a: false })
    await control().setValue(true)
    expect(value()).toBe(true)
  })

  it('chooses one by radio and several by checkbox', async () => {
    const one = form({ key: 'a', type: 'radio', label, options: ['x', 'y'] })
    await one.wrapper.findAll('input')[1]?.setValue(true)
    expect(one.value()).toBe('y')
    const many = form({ key: 'a', type: 'checkbox', label, options: ['x', 'y'] }, { a: ['x'] })
    await many.wrapper.findAll('input')[1]?.setValue(true)
    expect(many.value()).toEqual(['x', 'y'])
    await many.wrapper.findAll('input')[0]?.setValue(false)
    expect(many.value()).toEqual(['y'])
  })

  it('asks the inventory for hosts by name, and takes them by keyboard', async () => {
    const found = { results: [{ name: 'demo-02', labels: {}, groups: ['web'] }], next: null }
    const calls = playServer([200, found], [200, found])
    const { wrapper, value } = form({ key: 'h', type: 'hosts', label }, { h: ['demo-01'] })
    await vi.waitFor(() => wrapper.get('[role="combobox"]'), { timeout: 50_000 })
    expect(wrapper.text()).toContain('demo-01')
    const input = wrapper.get('[role="combobox"]')
    await input.trigger('focus')
    await vi.waitFor(() => wrapper.get('[data-testid="host-option-demo-02"]'))
    expect(calls[0]?.url).toBe('/api/v1/hosts?limit=100&targetable=true')
    await input.trigger('keydown', { key: 'Enter' })
    expect(value()).toEqual(['demo-01', 'demo-02'])
    await input.trigger('keydown', { key: 'Backspace' })
    expect(value()).toEqual(['demo-01'])
  }, 60_000)

  it.each(['date', 'datetime'])(
    'draws a %s with its value',
    async (type) => {
      const { wrapper } = form({ key: 'd', type, label }, { d: '2026-11-20T22:00:00' })
      await vi.waitFor(() => expect(wrapper.get('input').element.value).toContain('2026-11-20'), {
        timeout: 50_000,
      })
    },
    60_000,
  )

  it('says so where it does not know the type', () => {
    const { control } = form({ key: 'a', type: 'hologram', label })
    expect(control().text()).toContain('hologram')
  })

  it('is silent about a field that was not touched, and clear about one that was', async () => {
    const problems = [{ path: 'form.a', code: 'required', message: '请填写服务。' }]
    const { wrapper, control } = form({ key: 'a', type: 'text', label }, {}, problems)
    expect(wrapper.text()).not.toContain('请填写服务。')
    await control().trigger('blur')
    await flushPromises()
    expect(wrapper.get('[role="alert"]').text()).toBe('请填写服务。')
    expect(control().attributes('aria-invalid')).toBe('true')
    expect(control().attributes('aria-describedby')).toBe(
      wrapper.get('[role="alert"]').attributes('id'),
    )
  })
})

describe('shownFields', () => {
  const fields: Field[] = [
    { key: 'a', type: 'text', label },
    { key: 'b', type: 'text', label, visible_when: 'form.a == "x"' },
  ]
  const keys = (visible: string[] | null) => shownFields(fields, visible).map((field) => field.key)

  it('follows the server, and hides what has a condition until it spoke', () => {
    expect(keys(null)).toEqual(['a'])
    expect(keys(['a', 'b'])).toEqual(['a', 'b'])
    expect(keys(['b'])).toEqual(['b'])
  })
})

import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import PeoplePicker from './PeoplePicker.vue'

const person = (username: string, name: string) => ({ username, name, department: null })
const FOUND = { results: [person('bob', '周博'), person('carol', '蔡蓉')], next: null }

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

async function picker(props: Record<string, unknown> = {}) {
  const calls = playServer([200, FOUND], [200, FOUND], [200, FOUND])
  const wrapper = mount(PeoplePicker, {
    props: {
      modelValue: [],
      multiple: true,
      'onUpdate:modelValue': (value: string[]) => wrapper.setProps({ modelValue: value }),
      ...props,
    },
    global: { plugins: [createPinia()] },
    attachTo: document.body,
  })
  const input = wrapper.get<HTMLInputElement>('[data-testid="people-input"]')
  const settle = async () => {
    await vi.advanceTimersByTimeAsync(200)
    await flushPromises()
  }
  await input.trigger('focus')
  await settle()
  return { wrapper, input, settle, calls, chosen: () => wrapper.props('modelValue') as string[] }
}

describe('PeoplePicker', () => {
  it('chooses by keyboard and shows whom by name', async () => {
    const { wrapper, input, chosen } = await picker()
    await input.trigger('keydown', { key: 'ArrowDown' })
    expect(input.attributes('aria-activedescendant')).toMatch(/-1$/)
    await input.trigger('keydown', { key: 'Enter' })
    expect(chosen()).toEqual(['carol'])
    expect(wrapper.get('[data-testid="person-carol"]').text()).toContain('蔡蓉')
    await input.trigger('keydown', { key: 'Backspace' })
    expect(chosen()).toEqual([])
  })

  it('never offers who is left out', async () => {
    const { wrapper } = await picker({ exclude: ['bob'] })
    expect(wrapper.find('[data-testid="person-option-bob"]').exists()).toBe(false)
    expect(wrapper.find('[data-testid="person-option-carol"]').exists()).toBe(true)
  })

  it('takes one for another where only one may be chosen, and closes', async () => {
    const { wrapper, chosen } = await picker({ multiple: false, modelValue: ['bob'] })
    await wrapper.get('[data-testid="person-option-carol"]').trigger('click')
    expect(chosen()).toEqual(['carol'])
    expect(wrapper.find('[role="option"]').exists()).toBe(false)
  })

  it('takes no more than fit, and says so', async () => {
    const { wrapper, chosen } = await picker({ max: 1, modelValue: ['bob'] })
    await wrapper.get('[data-testid="person-option-carol"]').trigger('click')
    expect(chosen()).toEqual(['bob'])
    expect(wrapper.text()).toContain('最多 1 人')
  })

  it('asks once for what was typed, not for every letter', async () => {
    const { input, settle, calls } = await picker()
    const before = calls.length
    for (const q of ['c', 'ca', 'car']) await input.setValue(q)
    await settle()
    expect(calls.slice(before).map((call) => call.url)).toEqual(['/api/v1/users?q=car'])
  })

  it('closes the list on Esc and leaves the dialog around it open', async () => {
    const { wrapper, input } = await picker()
    const escape = new KeyboardEvent('keydown', { key: 'Escape', cancelable: true })
    input.element.dispatchEvent(escape)
    await flushPromises()
    expect(escape.defaultPrevented).toBe(true)
    expect(wrapper.find('[role="option"]').exists()).toBe(false)
  })
})

import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { ApiError, type FieldProblem } from '@/api/errors'
import type { HandIn } from '@/api/tickets'
import type { Field, FormValues, PathStep } from '@/api/types'
import TicketForm from './TicketForm.vue'

afterEach(() => vi.unstubAllGlobals())

const field = (key: string, more: Partial<Field> = {}): Field => ({
  key,
  type: 'text',
  label: key,
  ...more,
})
const step = (node: string, more: Partial<PathStep> = {}): PathStep => ({
  node,
  name: node,
  type: 'approval',
  assignees: [],
  reason: '',
  blocked: false,
  within: [],
  choose: false,
  ...more,
})
interface Said {
  path?: PathStep[]
  visible: string[]
  errors?: FieldProblem[]
  values?: FormValues
}
const answer = ({ path = [], visible, errors = [], values = {} }: Said) => ({
  path,
  people: {},
  visible,
  required: [],
  errors,
  values,
  plans: [],
})

/** A fake server: simulations in order, the last one repeated; a directory without people. Returns the requests. */
function simulates(...answers: object[]) {
  const asked: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (!url.endsWith('/simulate')) return Response.json({ results: [], next: null })
    asked.push(JSON.parse(String(init.body)))
    return Response.json(answers[Math.min(asked.length, answers.length) - 1])
  })
  return asked
}

type Props = { locked?: string[]; version?: number; keeps?: boolean }

async function form(
  fields: Field[],
  values: FormValues,
  answers: object | object[],
  props: Props = {},
) {
  const asked = simulates(...[answers].flat())
  const handed: HandIn[] = []
  const wrapper = mount(TicketForm, {
    props: {
      template: 't',
      fields,
      submitWord: '提交',
      pending: false,
      error: null,
      modelValue: values,
      'onUpdate:modelValue': (next: FormValues) => wrapper.setProps({ modelValue: next }),
      onSubmit: (what: HandIn) => void handed.push(what),
      ...props,
    },
    global: { plugins: [createPinia()] },
    attachTo: document.body,
  })
  await flushPromises()
  const submit = async () => {
    await wrapper.get('form').trigger('submit')
    await flushPromises()
  }
  return { wrapper, asked, handed, submit, values: () => wrapper.props('modelValue') }
}

describe('TicketForm', () => {
  it('asks for people where the applicant chooses, and hands the choice in', async () => {
    const path = [step('tech', { choose: true })]
    const missing = [{ path: 'chosen.tech', code: 'must_choose', message: '请选择由谁处理。' }]
    const { wrapper, asked, handed, submit } = await form([field('a')], { a: 'x' }, [
      answer({ path, visible: ['a'], errors: missing }),
      answer({ path, visible: ['a'] }),
    ])
    expect(wrapper.text()).not.toContain('请选择由谁处理。')
    await submit()
    expect(handed).toEqual([])
    expect(wrapper.get('[data-testid="preview-tech"]').text()).toContain('请选择由谁处理。')

    wrapper.getComponent({ name: 'PeoplePicker' }).vm.$emit('update:modelValue', ['erin'])
    await submit()
    expect(asked.at(-1)).toEqual({ form: { a: 'x' }, chosen: { tech: ['erin'] } })
    expect(handed).toEqual([{ form: { a: 'x' }, chosen: { tech: ['erin'] } }])
  })

  it('leads to a refusal that is about no field, which a phone does not show by itself', async () => {
    const seen: string[] = []
    Element.prototype.scrollIntoView = function () {
      seen.push(this.textContent.trim())
    }
    const { wrapper } = await form([field('a')], { a: 'x' }, answer({ visible: ['a'] }))
    const detail = '这类请求太多。请 15 秒后再试；审批和撤回不受影响。'
    await wrapper.setProps({
      error: new ApiError({ status: 429, code: 'too_many_requests', detail }),
    })
    await flushPromises()
    expect(seen).toEqual([detail])
  })

  it('draws branches that run side by side under their fork', async () => {
    const inside = (branch: number) => ({ within: [{ fork: 'f', branch, name: `路 ${branch}` }] })
    const { wrapper } = await form(
      [],
      {},
      answer({
        visible: [],
        path: [step('f', { type: 'parallel' }), step('x', inside(0)), step('y', inside(1))],
      }),
    )
    const branches = wrapper.get('[data-testid="fork-f"]').findAll('section')
    expect(branches.map((branch) => branch.get('h3').text())).toEqual(['路 0', '路 1'])
  })

  it('says nothing of what is not shown, and asks again once more is shown', async () => {
    const fields = [field('a'), field('b', { visible_when: "form.a == 'x'" })]
    const { asked, wrapper } = await form(fields, { a: 'x', b: 'kept' }, [
      answer({ visible: ['a', 'b'] }),
      answer({ visible: ['a', 'b'] }),
    ])
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    await flushPromises()
    expect(asked).toEqual([{ form: { a: 'x' } }, { form: { a: 'x', b: 'kept' } }])
    expect(wrapper.findAll('input[type="text"]')).toHaveLength(2)
  })

  it('follows a computed default until somebody writes something else', async () => {
    const fields = [field('a'), field('b', { default: { expression: 'form.a' } })]
    const { values, handed, submit, wrapper } = await form(fields, { a: 'x', b: undefined }, [
      answer({ visible: ['a', 'b'], values: { a: 'x', b: 'x' } }),
      answer({ visible: ['a', 'b'], values: { a: 'x' } }),
    ])
    expect(values().b).toBe('x')
    await submit()
    expect(handed).toEqual([{ form: { a: 'x' } }])
    await wrapper.get('[data-testid="field-b"]').setValue('')
    await submit()
    expect(handed[1]).toEqual({ form: { a: 'x', b: null } })
  })

  it('shows what may not be changed, and hands it in as it is, under the version of the ticket', async () => {
    const { wrapper, asked, handed, submit } = await form(
      [field('a'), field('b')],
      { a: 'x', b: 'y' },
      answer({ visible: ['a', 'b'] }),
      { locked: ['a'], version: 3 },
    )
    expect(asked).toEqual([{ form: { a: 'x', b: 'y' }, version: 3 }])
    expect(wrapper.find('[data-testid="field-a"]').exists()).toBe(false)
    expect(wrapper.text()).toContain('此时不能修改')
    await wrapper.get('[data-testid="field-b"]').setValue('z')
    await submit()
    expect(handed).toEqual([{ form: { a: 'x', b: 'z' } }])
  })

  it('keeps a draft that lacks what is needed', async () => {
    const missing = { path: 'form.a', code: 'required', message: '请填写。' }
    const { wrapper, handed, submit } = await form(
      [field('a', { required: true }), field('b')],
      { b: 'y' },
      answer({ visible: ['a', 'b'], errors: [missing] }),
      { keeps: true },
    )
    await wrapper.get('[data-testid="keep-draft"]').trigger('click')
    expect(wrapper.emitted('keep')).toEqual([[{ form: { b: 'y' }, chosen: undefined }]])
    await submit()
    expect(handed).toEqual([])
    expect(wrapper.text()).toContain('请填写。')
  })

  it('says what is needed as the form stands', async () => {
    const fields = [field('a', { required_when: "form.b == 'x'" }), field('b')]
    const { wrapper } = await form(
      fields,
      { b: 'x' },
      { ...answer({ visible: ['a', 'b'] }), required: ['a'] },
    )
    const labels = wrapper.findAll('.field > label').map((label) => label.text())
    expect(labels).toEqual(['a', expect.stringContaining('选填')])
  })

  it('tells who may act for whom', async () => {
    const path = [
      step('lead', { assignees: ['bob'], agents: [{ agent: 'carol', principal: 'bob' }] }),
    ]
    const people = { bob: { name: '周博' }, carol: { name: '蔡蓉' } }
    const { wrapper } = await form([], {}, { ...answer({ visible: [], path }), people })
    expect(wrapper.get('[data-testid="agents"]').text()).toBe('可由 蔡蓉 代理')
  })
})

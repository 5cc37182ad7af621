import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { aMyTask, aRow } from '@/testing/ticket'
import { openView, refused, type Reply } from '@/testing/view'

import ListView from './ListView.vue'

const page = (numbers: string[], next: string | null = null) => ({
  results: numbers.map((number) => aRow({ number, title: `重启 ${number}` })),
  next,
})
const open = (answer: Reply, at = '/lists/todo') =>
  openView(
    ListView,
    { at, answers: { 'GET tickets': answer, 'GET templates': { results: [], next: null } } },
    { box: 'todo' },
  )

describe('a list of tickets', () => {
  it('asks for what the address says, and shows it', async () => {
    const { wrapper, asked } = await open(page(['CHG-1']), '/lists/todo?q=nginx&state=approving')
    expect(asked('GET tickets')[0]?.query).toMatchObject({
      box: 'todo',
      q: 'nginx',
      state: 'approving',
    })
    expect(wrapper.text()).toContain('CHG-1')
    expect(wrapper.text()).toContain('重启 CHG-1')
  })

  it('grows by the next page', async () => {
    const { wrapper, asked } = await open(({ query }: { query: Record<string, string> }) =>
      query.cursor ? page(['CHG-2']) : page(['CHG-1'], 'c1'),
    )
    await wrapper.get('.more button').trigger('click')
    await flushPromises()
    expect(asked('GET tickets').map(({ query }) => query.cursor)).toEqual([undefined, 'c1'])
    expect(wrapper.text()).toContain('CHG-1')
    expect(wrapper.text()).toContain('CHG-2')
    expect(wrapper.find('.more').exists()).toBe(false)
  })

  it('says that nothing waits, and lets go of filters that hide what does', async () => {
    expect((await open(page([]))).wrapper.text()).toContain('没有轮到你的工单')

    const { wrapper, router, asked } = await open(page([]), '/lists/todo?q=nothing')
    await wrapper.get('.panel button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
    expect(asked('GET tickets').at(-1)?.query).not.toHaveProperty('q')
  })

  it('says what failed, and asks again when told to', async () => {
    let isDown = true
    const { wrapper } = await open(() =>
      isDown ? refused(500, { code: 'server', detail: '服务器出错了' }) : page(['CHG-1']),
    )
    expect(wrapper.get('[role="alert"]').text()).toContain('服务器出错了')
    isDown = false
    await wrapper.get('[role="alert"] button').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('CHG-1')
  })

  it('is worked through by keyboard', async () => {
    const { router } = await open(page(['CHG-1', 'CHG-2', 'CHG-3']))
    const press = (key: string) => document.dispatchEvent(new KeyboardEvent('keydown', { key }))
    for (const key of ['j', 'j', 'j', 'k', 'o']) press(key)
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/tickets/CHG-2')
  })

  it('approves a row with what it showed, and looks again', async () => {
    const row = aRow({ number: 'CHG-1', version: 4, my_tasks: [aMyTask({ id: 7, digest: 'd1' })] })
    const { byHook, asked } = await openView(
      ListView,
      {
        at: '/lists/todo',
        answers: {
          'GET tickets': { results: [row], next: null },
          'GET templates': { results: [], next: null },
          'POST tasks/7/approve': {},
        },
      },
      { box: 'todo' },
    )
    await byHook('quick-approve-CHG-1').trigger('click')
    await flushPromises()
    expect(asked('POST tasks/7/approve')[0]).toMatchObject({
      body: { comment: '', ticket_version: 4, digest: 'd1' },
      key: expect.stringMatching(/.{16,}/),
    })
    expect(asked('GET tickets')).toHaveLength(2)
  })
})
